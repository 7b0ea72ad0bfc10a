# The packets' half.
sfud-media-objs := media.o media_candidate.o media_dtls.o media_meeting.o \
	media_out.o media_packet.o media_path.o media_slot.o media_socket.o \
	media_stun.o media_transport.o
sfud-media-libs := base wire hop dtls srtp sfu
sfud-media-pkgs := libsystemd
