base-objs-y := alloc.o bytes.o err.o log.o reader.o writer.o
