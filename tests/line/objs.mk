test-line-libs := ring wire
