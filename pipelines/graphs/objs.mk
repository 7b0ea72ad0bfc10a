# Each graph is a file, or some with one beginning.
graphs-objs-$(KK_SFRAME) := build.o encode.o encoding.o sizes.o rates.o camera_run.o person.o slot.o reaper.o frames.o \
    voice.o speaking.o sound.o sound_line.o ring_tone.o \
    layout.o paint.o paint_tile.o paint_side.o paint_qr.o paint_pad.o paint_notice.o paint_welcome.o words.o lines.o pad.o pad_layout.o pad_words.o scene.o screen.o sink.o blit.o show.o \
    studio.o studio_people.o studio_slots.o vp9_join.o
graphs-libs := base notice wire crypto sframe room pipelines-elements drivers-camera \
    drivers-audio drivers-display drivers-echo drivers-input welcome
graphs-pkgs := gstreamer-1.0 gstreamer-app-1.0 gstreamer-video-1.0 \
    gstreamer-rtp-1.0 opus pangocairo libqrencode
graphs-ldlibs := -lm
