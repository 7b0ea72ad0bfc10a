boot-objs-y := entry.o handler.o order.o policy.o record.o
boot-libs := base
boot-pkgs :=
