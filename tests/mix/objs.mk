test-mix-libs := phone codec wire
