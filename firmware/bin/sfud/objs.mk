# The packets' half.
sfud-media-objs := media.o media_burst.o media_candidate.o media_dtls.o \
	media_login.o media_loud.o media_meeting.o media_out.o media_packet.o media_path.o \
	media_shaker.o media_slot.o media_socket.o media_stun.o media_tcp.o \
	media_tcp_stream.o media_transport.o media_wanted.o pool.o pool_call.o \
	postbox.o worker.o
sfud-media-libs := base wire hop dtls srtp sfu
sfud-media-pkgs := libsystemd

# The signalling half, and both together.
sfud-objs-y := main.o options.o command.o health.o version.o sandbox.o store.o \
	conn.o request.o request_meeting.o request_media.o events.o metrics.o \
	metrics_engines.o metrics_paths.o $(sfud-media-objs)
sfud-libs := $(sfud-media-libs) program ws signal order crypto
sfud-pkgs := libsystemd
