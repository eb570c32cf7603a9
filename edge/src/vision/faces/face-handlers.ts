import type { z } from 'zod';
import type { Agent } from '../../agent.js';
import { resolveDevice } from '../../local-api/resolve-device.js';
import type { FacePicture } from './face-desk.js';
import type { FaceLocalResult, faceMethods } from './face-methods.js';

type Methods = typeof faceMethods;
type Asked = z.output<Methods['faces.compare']['params']>;
const recordsTold = 20;

export const faceHandlers = (agent: Agent) => {
  const pictureOf = (picture: Asked['person']): FacePicture => {
    if ('camera' in picture) return { cameraId: resolveDevice(agent.registry, picture.camera).deviceId };
    return 'file' in picture ? picture : { bytes: Buffer.from(picture.base64, 'base64') };
  };
  return {
    faces: (): FaceLocalResult<'faces'> => {
      const { settings, standing, book } = agent.faces;
      return {
        ...{ state: standing.state, purpose: settings?.purpose ?? null, liveness: 'not_checked' },
        ...('reason' in standing ? { reason: standing.reason, hint: standing.hint } : { reason: null, hint: null }),
        kept: { pictures: 0, embeddings: 0 },
        days: [...book.days],
        records: book.records.slice(0, recordsTold).map(({ day, models, ...rest }) => ({
          ...{ ...rest, deviceId: rest.deviceId ?? null },
        })),
      };
    },
    'faces.compare': async (
      { person, document, device }: Asked,
      { signal }: { readonly signal: AbortSignal },
    ): Promise<FaceLocalResult<'faces.compare'>> => {
      const deviceId = device === undefined ? undefined : resolveDevice(agent.registry, device).deviceId;
      return await agent.faces.compare({ person: pictureOf(person), document: pictureOf(document), deviceId }, signal);
    },
  };
};
