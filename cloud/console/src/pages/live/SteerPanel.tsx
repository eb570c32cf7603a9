import type { LiveSight } from '@hallhub/shared/vision';
import { Alert, Button, Slider } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useProblemText } from '../../ui/problem-text.js';
import { HoldButton } from './HoldButton.js';
import { PatrolNote } from './PatrolNote.js';
import { PresetList } from './PresetList.js';
import { useSightText } from './SightNote.js';
import { type Direction, useSteerKeys } from './use-steer-keys.js';
import { holdMs, type Steering } from './use-steering.js';

interface SteerPanelProps {
  sight: LiveSight;
  steering: Steering;
}

const pad = [
  ['upLeft', '↖', -1, 1],
  ['up', '↑', 0, 1],
  ['upRight', '↗', 1, 1],
  ['left', '←', -1, 0],
  ['stop', '■', 0, 0],
  ['right', '→', 1, 0],
  ['downLeft', '↙', -1, -1],
  ['down', '↓', 0, -1],
  ['downRight', '↘', 1, -1],
] as const;

/** What can be done with a camera that turns: as its profile and the camera itself offer it. */
export function SteerPanel({ sight, steering }: SteerPanelProps) {
  const { t } = useTranslation('live');
  const [percent, setPercent] = useState(40);
  const speed = useRef(percent);
  speed.current = percent;
  const { can } = sight;
  const move = ({ pan, tilt, zoom }: Direction) =>
    steering.hold(() => {
      const by = speed.current / 100;
      return { what: 'move', pan: pan * by, tilt: tilt * by, zoom: zoom * by, holdMs };
    });
  const focus = (direction: 1 | -1) =>
    steering.hold(() => ({ what: 'focus', speed: (direction * speed.current) / 100, holdMs }));
  useSteerKeys((direction) => can.move && move(direction), steering.end);
  return (
    <aside className="steer" aria-label={t('steer.title')}>
      <Standing sight={sight} steering={steering} />
      {can.move ? (
        <>
          <fieldset className="steer-pad" aria-label={t('steer.turn')}>
            {pad.map(([name, sign, pan, tilt]) =>
              name === 'stop' ? (
                <button
                  key={name}
                  type="button"
                  className="steer-key"
                  aria-label={t('steer.stop')}
                  title={t('steer.stop')}
                  onClick={() => {
                    steering.end();
                    steering.act({ what: 'stop' });
                  }}
                >
                  {sign}
                </button>
              ) : (
                <HoldButton
                  key={name}
                  label={t(`steer.way.${name}`)}
                  onHold={() => move({ pan, tilt, zoom: 0 })}
                  onEnd={steering.end}
                >
                  {sign}
                </HoldButton>
              ),
            )}
          </fieldset>
          <fieldset className="steer-row" aria-label={t('steer.zoom')}>
            <span className="small">{t('steer.zoom')}</span>
            <HoldButton
              label={t('steer.zoomOut')}
              onHold={() => move({ pan: 0, tilt: 0, zoom: -1 })}
              onEnd={steering.end}
            >
              −
            </HoldButton>
            <HoldButton
              label={t('steer.zoomIn')}
              onHold={() => move({ pan: 0, tilt: 0, zoom: 1 })}
              onEnd={steering.end}
            >
              +
            </HoldButton>
          </fieldset>
        </>
      ) : null}
      {can.focus ? (
        <fieldset className="steer-row" aria-label={t('steer.focus')}>
          <span className="small">{t('steer.focus')}</span>
          <HoldButton label={t('steer.nearer')} onHold={() => focus(-1)} onEnd={steering.end}>
            −
          </HoldButton>
          <HoldButton label={t('steer.farther')} onHold={() => focus(1)} onEnd={steering.end}>
            +
          </HoldButton>
        </fieldset>
      ) : null}
      {can.move || can.focus ? (
        <div className="steer-row">
          <span className="small">{t('steer.speed')}</span>
          <Slider
            className="steer-speed"
            min={10}
            max={100}
            step={10}
            value={percent}
            onChange={setPercent}
            ariaLabelForHandle={t('steer.speed')}
            tooltip={{ formatter: (value) => `${value} %` }}
          />
        </div>
      ) : null}
      <Auxiliaries commands={can.auxiliaries} onRun={(command) => steering.act({ what: 'auxiliary', command })} />
      {can.presets ? <PresetList sight={sight} steering={steering} /> : null}
    </aside>
  );
}

function Standing({ sight, steering }: SteerPanelProps) {
  const { t } = useTranslation('live');
  const where = useSightText(sight);
  const problem = useProblemText(steering.error);
  const other = steering.heldBy;
  return (
    <div className="steer-standing" aria-live="polite">
      <p className="steer-where">{where}</p>
      {sight.patrol ? <PatrolNote sight={sight} /> : null}
      {steering.isHeld ? <p className="small">{t('steer.yours')}</p> : null}
      {other ? (
        <Alert
          type="warning"
          message={t('steer.heldBy', { name: other.name })}
          description={other.canTakeOver ? undefined : t('steer.heldHint')}
          action={
            other.canTakeOver ? (
              <Button size="small" onClick={steering.takeOver}>
                {t('steer.takeOver')}
              </Button>
            ) : null
          }
        />
      ) : null}
      {steering.isTaken && !other ? (
        <Alert type="warning" message={t('steer.taken', { name: sight.steering?.by ?? '' })} />
      ) : null}
      {steering.isHeld && sight.refused ? (
        <Alert type="error" message={t('steer.refused')} description={sight.refused.message} />
      ) : null}
      {steering.error ? <Alert type="error" message={problem.what} description={problem.next} /> : null}
    </div>
  );
}

const known = { wiper: 'wiper', washer: 'washer', irlamp: 'light', light: 'light', whitelight: 'light' } as const;

/** `tt:Wiper|On` and the like, in pairs where there are both. */
function Auxiliaries({ commands, onRun }: { commands: readonly string[]; onRun: (command: string) => void }) {
  const { t } = useTranslation('live');
  const things = new Map<string, string[]>();
  for (const command of commands) {
    const thing = command.split('|')[0] as string;
    things.set(thing, [...(things.get(thing) ?? []), command]);
  }
  return [...things].map(([thing, own]) => {
    const key = thing.slice(thing.indexOf(':') + 1).toLowerCase();
    const name = key in known ? t(`steer.aux.${known[key as keyof typeof known]}`) : thing;
    return (
      <fieldset className="steer-row" aria-label={name} key={thing}>
        <span className="small">{name}</span>
        {own.map((command) => {
          const state = command.split('|')[1]?.toLowerCase();
          const text = state === 'on' || state === 'off' ? t(`steer.aux.${state}`) : (state ?? command);
          return (
            <Button key={command} size="small" aria-label={`${name} ${text}`} onClick={() => onRun(command)}>
              {text}
            </Button>
          );
        })}
      </fieldset>
    );
  });
}
