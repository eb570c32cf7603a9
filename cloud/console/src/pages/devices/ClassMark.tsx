import { Icon } from '../../ui/icons.js';
import { classIcon } from '../parts/class-icon.js';

/** What kind of device it is, drawn; its word stands beside it or in the next column. */
export function ClassMark({ deviceClass, title }: { deviceClass: string; title?: string }) {
  return (
    <span className="class-mark" title={title}>
      <Icon name={classIcon(deviceClass)} size={16} />
    </span>
  );
}
