"""WSDLs of the operations that zeep is to call, from a table of their message shapes (published ONVIF specifications)."""
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap12/"'
    ' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:t="{ns}" targetNamespace="{ns}">'
    '<wsdl:types><xs:schema targetNamespace="{ns}" elementFormDefault="qualified">'
    '<xs:import namespace="http://www.onvif.org/ver10/schema" schemaLocation="onvif.xsd"/>'
)


def element(spec):
    """`Name type`, with ? for optional, * for a list, or a tuple of name and an anonymous type's parts."""
    if isinstance(spec, tuple):
        name, parts, attributes = spec
        occurs = ' minOccurs="0" maxOccurs="unbounded"' if name.endswith("*") else ""
        attrs = "".join(f'<xs:attribute name="{a}" type="{t}"/>' for a, t in attributes)
        inner = "".join(element(part) for part in parts)
        return f'<xs:element name="{name.rstrip("*")}"{occurs}><xs:complexType><xs:sequence>{inner}</xs:sequence>{attrs}</xs:complexType></xs:element>'
    name, kind = spec.split(" ")
    occurs = {"?": ' minOccurs="0"', "*": ' minOccurs="0" maxOccurs="unbounded"'}.get(name[-1], "")
    return f'<xs:element name="{name.rstrip("?*")}" type="{kind}"{occurs}/>'


def wsdl(namespace, operations):
    types, messages, ports, bindings = "", "", "", ""
    for name, (asked, answered) in operations.items():
        for part, fields in ((name, asked), (name + "Response", answered)):
            inner = "".join(element(field) for field in fields)
            types += f'<xs:element name="{part}"><xs:complexType><xs:sequence>{inner}</xs:sequence></xs:complexType></xs:element>'
            messages += f'<wsdl:message name="{part}"><wsdl:part name="parameters" element="t:{part}"/></wsdl:message>'
        ports += f'<wsdl:operation name="{name}"><wsdl:input message="t:{name}"/><wsdl:output message="t:{name}Response"/></wsdl:operation>'
        bindings += (
            f'<wsdl:operation name="{name}"><soap:operation soapAction="{namespace}/{name}"/><wsdl:input><soap:body use="literal"/></wsdl:input>'
            '<wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>'
        )
    return (
        HEAD.format(ns=namespace) + types + "</xs:schema></wsdl:types>" + messages
        + f'<wsdl:portType name="Port">{ports}</wsdl:portType><wsdl:binding name="Binding" type="t:Port">'
        + f'<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>{bindings}</wsdl:binding></wsdl:definitions>'
    )


VIDEO2 = ["VideoSource? tt:VideoSourceConfiguration", "VideoEncoder? tt:VideoEncoder2Configuration", "AudioEncoder? tt:AudioEncoder2Configuration", "PTZ? tt:PTZConfiguration"]
TOKEN = "ProfileToken xs:string"
SOURCE = "VideoSourceToken xs:string"

SERVICES = {
    "device": ("http://www.onvif.org/ver10/device/wsdl", {
        "GetSystemDateAndTime": ([], ["SystemDateAndTime tt:SystemDateTime"]),
        "SetSystemDateAndTime": (["DateTimeType tt:SetDateTimeType", "DaylightSavings xs:boolean", "TimeZone? tt:TimeZone", "UTCDateTime? tt:DateTime"], []),
        "GetDeviceInformation": ([], [f"{name} xs:string" for name in ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")]),
        "GetServices": (["IncludeCapability xs:boolean"], [("Service*", ["Namespace xs:anyURI", "XAddr xs:anyURI", "Version tt:OnvifVersion"], [])]),
        "GetRelayOutputs": ([], ["RelayOutputs* tt:RelayOutput"]),
        "SetRelayOutputState": (["RelayOutputToken xs:string", "LogicalState xs:string"], []),
    }),
    "media2": ("http://www.onvif.org/ver20/media/wsdl", {
        "GetProfiles": (["Token? xs:string", "Type* xs:string"], [("Profiles*", ["Name xs:string", ("Configurations", VIDEO2, [])], [("token", "xs:string"), ("fixed", "xs:boolean")])]),
        "GetStreamUri": (["Protocol xs:string", TOKEN], ["Uri xs:anyURI"]),
        "GetSnapshotUri": ([TOKEN], ["Uri xs:anyURI"]),
    }),
    "ptz": ("http://www.onvif.org/ver20/ptz/wsdl", {
        "AbsoluteMove": ([TOKEN, "Position tt:PTZVector"], []),
        "ContinuousMove": ([TOKEN, "Velocity tt:PTZVector", "Timeout? xs:duration"], []),
        "GetStatus": ([TOKEN], ["PTZStatus tt:PTZStatus"]),
        "GetPresets": ([TOKEN], ["Preset* tt:PTZPreset"]),
        "SetPreset": ([TOKEN, "PresetName? xs:string", "PresetToken? xs:string"], ["PresetToken xs:string"]),
        "GotoPreset": ([TOKEN, "PresetToken xs:string"], []),
        "RemovePreset": ([TOKEN, "PresetToken xs:string"], []),
    }),
    "imaging": ("http://www.onvif.org/ver20/imaging/wsdl", {
        "GetImagingSettings": ([SOURCE], ["ImagingSettings tt:ImagingSettings20"]),
        "SetImagingSettings": ([SOURCE, "ImagingSettings tt:ImagingSettings20", "ForcePersistence? xs:boolean"], []),
    }),
}
