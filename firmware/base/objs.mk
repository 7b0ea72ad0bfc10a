base-objs-y := alloc.o authority.o bytes.o err.o log.o reader.o text.o writer.o
