import type { DeviceSummary } from '../../api/devices.js';
import { AppLink } from '../../app/AppLink.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { useDeviceName } from '../devices/device-name.js';
import { DeviceMark } from '../parts/marks.js';
import { PrimaryValue } from '../parts/PrimaryValue.js';

/** One device on the hall's board: its state and the values that matter most. */
export function DeviceTile({ device }: { device: DeviceSummary }) {
  const label = useLabel();
  const nameOf = useDeviceName();
  return (
    <AppLink to={paths.device(device.id)} className="tile">
      <span className="tile-head">
        <span className="clip">{nameOf(device)}</span>
        <DeviceMark device={device} bare={device.presence === 'online' && !device.stale} />
      </span>
      <span className={device.stale || device.presence === 'offline' ? 'tile-values is-stale' : 'tile-values'}>
        {device.primary.slice(0, 3).map((one) => (
          <span key={one.property} className="tile-value">
            <span className="faint small clip">{label(one.label)}</span>
            <PrimaryValue primary={one} />
          </span>
        ))}
      </span>
    </AppLink>
  );
}
