test-order-libs := crypto
