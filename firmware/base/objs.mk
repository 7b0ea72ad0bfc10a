base-objs-y := alloc.o authority.o bytes.o err.o log.o reader.o writer.o
