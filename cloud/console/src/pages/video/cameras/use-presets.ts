import type { LiveSight } from '@hallhub/shared/vision';
import { useCallback, useEffect, useState } from 'react';
import { LiveVideo } from '../../../api/live-video.js';
import { jsonOf } from '../../live/picture-feed.js';

type Preset = LiveSight['presets'][number];

/** `idle`: nobody asked yet; `told`: the camera answered, maybe with none. */
export type PresetsState = 'idle' | 'asking' | 'told' | 'silent';

const patienceMs = 10_000;

/** The presets that a camera names itself. It is asked on demand and for a moment: to ask is to look at it. */
export const usePresets = (deviceId: string) => {
  const [presets, setPresets] = useState<readonly Preset[]>([]);
  const [state, setState] = useState<PresetsState>('idle');
  const isAsking = state === 'asking';

  useEffect(() => {
    if (!isAsking) return;
    const live = new LiveVideo([deviceId], {
      onRecord: (_index, record) => {
        if (record.kind !== 'sight') return;
        setPresets((jsonOf(record) as unknown as LiveSight).presets);
        setState('told');
      },
      onLost: () => setState('silent'),
    });
    const late = setTimeout(() => setState('silent'), patienceMs);
    return () => {
      clearTimeout(late);
      live[Symbol.dispose]();
    };
  }, [deviceId, isAsking]);

  const ask = useCallback(() => setState((now) => (now === 'told' ? now : 'asking')), []);
  return { presets, state, ask };
};
