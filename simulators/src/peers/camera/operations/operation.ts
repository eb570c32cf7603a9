import type { CameraFeatures } from '../camera-features.js';
import type { CameraState } from '../camera-state.js';

export interface CameraIdentity {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
  readonly hardware: string;
}

export interface OperationContext {
  readonly state: CameraState;
  readonly identity: CameraIdentity;
  readonly features: CameraFeatures;
  readonly endpointReference: string | undefined;
  /** `http://host:port`, as the client reached it. */
  readonly baseUrl: string;
  readonly streamUrl: string | undefined;
  readonly subStreamUrl: string | undefined;
  readonly path: string;
  readonly reboot: () => void;
}

/** Answers with a whole envelope; a fault is one as well. */
export type Operation = (request: string, context: OperationContext) => string | Promise<string>;
export type Operations = Readonly<Record<string, Operation>>;

export const services = {
  device: ['http://www.onvif.org/ver10/device/wsdl', '/onvif/device_service'],
  media: ['http://www.onvif.org/ver10/media/wsdl', '/onvif/media_service'],
  media2: ['http://www.onvif.org/ver20/media/wsdl', '/onvif/media2_service'],
  ptz: ['http://www.onvif.org/ver20/ptz/wsdl', '/onvif/ptz_service'],
  imaging: ['http://www.onvif.org/ver20/imaging/wsdl', '/onvif/imaging_service'],
  events: ['http://www.onvif.org/ver10/events/wsdl', '/onvif/event_service'],
  deviceIo: ['http://www.onvif.org/ver10/deviceIO/wsdl', '/onvif/deviceio_service'],
} as const;
export type ServiceName = keyof typeof services;

export const offers = (features: CameraFeatures, service: ServiceName): boolean => {
  switch (service) {
    case 'device':
    case 'media':
      return true;
    case 'deviceIo':
      return features.relays.length + features.inputs.length > 0;
    default:
      return features[service];
  }
};

export const isoTime = (ms: number): string => new Date(ms).toISOString();
