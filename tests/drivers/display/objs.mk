test-drivers-display-pkgs := cairo libsystemd
