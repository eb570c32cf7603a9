"""Serves a moving test picture with sound over RTSP on loopback: H.264 and G.711A, over TCP and UDP.

Usage: rtsp-server.py PORT PATH [USER PASSWORD]. Prints READY when it listens; ends when its standard input closes.
"""
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
port, path = sys.argv[1], sys.argv[2]
missing = [
    name
    for name in ("videotestsrc", "x264enc", "rtph264pay", "audiotestsrc", "alawenc", "rtppcmapay")
    if Gst.ElementFactory.find(name) is None
]
if missing:
    print("MISSING " + " ".join(missing), flush=True)
    sys.exit(3)

server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=12/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast bitrate=400 key-int-max=24 "
    "! video/x-h264,profile=baseline ! rtph264pay name=pay0 pt=96 config-interval=1 "
    "audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8 )"
)
factory.set_shared(True)
if len(sys.argv) > 4:
    user, password = sys.argv[3], sys.argv[4]
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(2)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_role("viewer")
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)
server.get_mount_points().add_factory("/" + path.lstrip("/"), factory)
if server.attach(None) == 0:
    print("BUSY " + port, flush=True)
    sys.exit(4)
loop = GLib.MainLoop()


def wait_for_end():
    sys.stdin.read()
    loop.quit()


threading.Thread(target=wait_for_end, daemon=True).start()
print("READY", flush=True)
loop.run()
