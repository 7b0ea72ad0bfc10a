room-objs-y := types.o link.o dial.o book.o refusal.o signal.o request.o letter.o action.o state.o \
    room.o enter.o events.o peers.o members.o agreed.o keys.o group.o commit.o turn.o \
    media.o slots.o look.o name.o use.o
room-libs := base call conference
room-pkgs := libsystemd
