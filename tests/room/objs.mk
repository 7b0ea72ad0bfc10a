# simulation.c looks inside the rooms; json.c speaks JSON.
test-room-pkgs := libsystemd
