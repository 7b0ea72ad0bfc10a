welcome-objs-y := welcome.o pages.o items.o fields.o edit.o stick.o words.o
welcome-libs := base profile
