# peer.c is the forwarder's end.
test-pipelines-link-libs := wire dtls srtp hop ice
