test-estimate-libs := hop
