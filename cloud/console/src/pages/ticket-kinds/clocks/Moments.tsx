import type { TicketClock } from '@hallhub/shared/ticket';
import { Button } from 'antd';
import { replaced, useDesigner, without } from '../draft/designer.js';
import { RemoveButton } from '../parts/RemoveButton.js';
import { MomentInput } from './MomentInput.js';

type Moment = TicketClock['from'];

interface MomentsProps {
  all: Moment[];
  least: number;
  label: string;
  add: string;
  fresh: Moment;
  onChange: (all: Moment[]) => void;
}

/** Any of several moments. */
export function Moments({ all, least, label, add, fresh, onChange }: MomentsProps) {
  const { mayWrite } = useDesigner();
  return (
    <div className="tk-rules">
      {all.map((moment, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: moments have no names
        <div key={i} className="tk-line">
          <MomentInput moment={moment} label={label} onChange={(next) => onChange(replaced(all, i, next))} />
          {mayWrite ? <RemoveButton disabled={all.length <= least} onClick={() => onChange(without(all, i))} /> : null}
        </div>
      ))}
      {mayWrite ? (
        <Button size="small" type="dashed" onClick={() => onChange([...all, fresh])}>
          {add}
        </Button>
      ) : null}
    </div>
  );
}
