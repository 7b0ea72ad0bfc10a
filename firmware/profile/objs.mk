profile-objs-y := csv.o parse.o words.o
profile-libs := base
