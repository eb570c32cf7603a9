/**
 * Where a camera is and how it is known again, in the one text that the unit keeps of a device:
 * `https://192.0.2.20/onvif/device_service#urn:uuid:…;sha256:…;named:192.0.2.20`.
 */
export interface CameraAddress {
  /** Of the device service. */
  readonly serviceUrl: string;
  /** WS-Discovery endpoint reference: stays when the address changes. */
  readonly endpoint?: string | undefined;
  /** SHA-256 of its HTTPS certificate, 64 hex digits. */
  readonly pinned?: string | undefined;
  /** Host and port of the entry in edge.yaml that it was first found by: its account goes with it when it moves. */
  readonly named?: string | undefined;
}

export const formatAddress = ({ serviceUrl, endpoint, pinned, named }: CameraAddress): string => {
  const url = new URL(serviceUrl);
  const isMoved = named !== undefined && named !== url.host;
  const parts = [
    // Whoever answers a probe chooses it: it must not read as one of ours.
    endpoint?.replace(/[%;#]|(?<=^(?:sha256|named)):/g, encodeURIComponent),
    pinned && `sha256:${pinned}`,
    isMoved && `named:${named}`,
  ].filter(Boolean);
  url.hash = parts.join(';');
  return url.href;
};

export const parseAddress = (text: string): CameraAddress => {
  const [serviceUrl = '', fragment = ''] = text.split('#', 2);
  const parts = fragment.split(';').filter(Boolean);
  const after = (prefix: string) => parts.find((one) => one.startsWith(prefix))?.slice(prefix.length);
  const endpoint = parts.find((one) => !/^(?:sha256|named):/.test(one));
  return {
    serviceUrl,
    endpoint: endpoint && decoded(endpoint),
    pinned: after('sha256:'),
    named: after('named:'),
  };
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
