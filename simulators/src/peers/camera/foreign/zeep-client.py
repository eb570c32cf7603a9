"""Speaks to a camera with zeep, which checks every answer against the schema. Arguments: device service, user, password. Prints JSON."""
import datetime
import json
import os
import shutil
import sys
import tempfile

from zeep import Client, Settings
from zeep.exceptions import Fault
from zeep.wsse.username import UsernameToken

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
sys.dont_write_bytecode = True
from onvif_wsdl import SERVICES, wsdl  # noqa: E402

device_url, user, password = sys.argv[1:4]
folder = tempfile.mkdtemp(prefix="hallhub-wsdl-")
shutil.copy(os.path.join(here, "onvif.xsd"), folder)


def service(name, url, secret=password, skew=0):
    namespace, operations = SERVICES[name]
    path = os.path.join(folder, name + ".wsdl")
    with open(path, "w", encoding="utf-8") as file:
        file.write(wsdl(namespace, operations))
    token = UsernameToken(user, secret, use_digest=True, created=now(skew)) if skew else UsernameToken(user, secret, use_digest=True)
    client = Client(path, wsse=token, settings=Settings(strict=True))
    return client.create_service("{%s}Binding" % namespace, url), client


def now(skew):
    return datetime.datetime.utcnow() + datetime.timedelta(seconds=skew)


try:
    device, client = service("device", device_url)
    told = {s.Namespace: s.XAddr for s in device.GetServices(IncludeCapability=False)}
    media2, _ = service("media2", told["http://www.onvif.org/ver20/media/wsdl"])
    ptz, _ = service("ptz", told["http://www.onvif.org/ver20/ptz/wsdl"])
    imaging, _ = service("imaging", told["http://www.onvif.org/ver20/imaging/wsdl"])
    out = {"information": dict(device.GetDeviceInformation().__values__)}
    out["clock"] = device.GetSystemDateAndTime().UTCDateTime.Date.Year
    profiles = media2.GetProfiles(Type=["All"])
    encoder = profiles[0].Configurations.VideoEncoder
    out["profiles"] = [p.token for p in profiles]
    out["video"] = [encoder.Encoding, encoder.Resolution.Width, encoder.Resolution.Height, encoder.RateControl.FrameRateLimit]
    out["source"] = profiles[0].Configurations.VideoSource.SourceToken
    out["stream"] = media2.GetStreamUri(Protocol="RTSP", ProfileToken="main")
    out["snapshot"] = media2.GetSnapshotUri(ProfileToken="main")
    ptz.AbsoluteMove(ProfileToken="main", Position={"PanTilt": {"x": 0.25, "y": -0.5}, "Zoom": {"x": 0.5}})
    position = ptz.GetStatus(ProfileToken="main").Position
    out["position"] = [position.PanTilt.x, position.PanTilt.y, position.Zoom.x]
    token = ptz.SetPreset(ProfileToken="main", PresetName="Kasse & Tür 柜台")
    out["presets"] = {p.token: p.Name for p in ptz.GetPresets(ProfileToken="main")}
    ptz.GotoPreset(ProfileToken="main", PresetToken=token)
    ptz.RemovePreset(ProfileToken="main", PresetToken=token)
    out["left"] = len(ptz.GetPresets(ProfileToken="main"))
    imaging.SetImagingSettings(VideoSourceToken="vs", ImagingSettings={"Brightness": 70, "IrCutFilter": "OFF", "WideDynamicRange": {"Mode": "ON"}})
    settings = imaging.GetImagingSettings(VideoSourceToken="vs")
    out["imaging"] = [settings.Brightness, settings.Contrast, settings.IrCutFilter, settings.WideDynamicRange.Mode]
    out["relays"] = [r.token for r in device.GetRelayOutputs()]
    device.SetRelayOutputState(RelayOutputToken=out["relays"][0], LogicalState="active")
    faults = {}
    for name, call in {
        "preset": lambda: ptz.GotoPreset(ProfileToken="main", PresetToken="99"),
        "password": lambda: service("device", device_url, secret="wrong")[0].GetDeviceInformation(),
        "clock": lambda: service("device", device_url, skew=600)[0].GetDeviceInformation(),
    }.items():
        try:
            call()
            faults[name] = "none"
        except Fault as fault:
            faults[name] = [fault.message, [code.localname for code in fault.subcodes or []]]
    out["faults"] = faults
    print(json.dumps(out, default=str))
finally:
    shutil.rmtree(folder, ignore_errors=True)
