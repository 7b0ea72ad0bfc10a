profile-objs-y := csv.o files.o parse.o words.o
profile-libs := base
