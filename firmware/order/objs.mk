order-objs-y := order.o meeting.o member.o commit.o expire.o log.o record.o rate.o
order-libs := base crypto
