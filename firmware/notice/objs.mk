notice-objs-y := notice.o pick.o words.o
notice-libs := base
notice-pkgs :=
