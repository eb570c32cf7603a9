import { toHubError } from '@hallhub/shared';
import type { DeviceDesk } from '../devices/index.js';
import type { Logger } from '../ports/index.js';
import { visionAdapterId } from './camera-addresses.js';
import type { ConfiguredCamera } from './vision-settings.js';

export interface RegisterCamerasOptions {
  readonly devices: Pick<DeviceDesk, 'found' | 'update'>;
  readonly logger: Logger;
  readonly onFault: (code: string, message: string, context: Record<string, unknown>) => void;
}

/** Cameras of edge.yaml are devices of the hall as any other. One that cannot be registered is told, and holds up no other. */
export const registerCameras = async (
  cameras: readonly ConfiguredCamera[],
  { devices, logger, onFault }: RegisterCamerasOptions,
): Promise<void> => {
  for (const { id, name } of cameras) {
    try {
      const device = await devices.found(visionAdapterId, 'onvif', {
        ...{ address: id, identity: { vendor: 'generic', model: 'rtsp-camera', serial: id } },
        ...{ profileId: 'generic/rtsp-camera', certainty: 'certain', configured: true },
      });
      if (device && name !== undefined && device.name === undefined) await devices.update(device.deviceId, { name });
    } catch (error) {
      const { message } = toHubError(error);
      logger.warn({ id, error: message }, 'a camera of edge.yaml was not registered');
      onFault('vision_camera', `the camera ${id} of edge.yaml cannot be used: ${message}`, { id });
    }
  }
};
