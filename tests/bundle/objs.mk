test-bundle-libs := program
