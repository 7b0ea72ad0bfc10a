test-drivers-input-pkgs := xkbcommon
