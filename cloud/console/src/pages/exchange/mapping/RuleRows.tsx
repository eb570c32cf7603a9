import { Button } from 'antd';
import type { ReactNode } from 'react';
import { Icon } from '../../../ui/icons.js';
import { RemoveButton } from '../../ticket-kinds/parts/RemoveButton.js';

interface RuleRowsProps<Rule> {
  rules: readonly Rule[];
  /** What is added, and the word for it. */
  add: { text: string; fresh: Rule };
  most?: number;
  /** Each is several lines. */
  cards?: boolean;
  /** `remove` takes this one out. */
  children: (rule: Rule, set: (rule: Rule) => void, remove: ReactNode) => ReactNode;
  onChange: (rules: Rule[]) => void;
}

/** Rules without names, whose order counts: each is changed where it stands. */
export function RuleRows<Rule>({ rules, add, most, cards = false, children, onChange }: RuleRowsProps<Rule>) {
  const set = (i: number) => (rule: Rule) => onChange(rules.map((one, at) => (at === i ? rule : one)));
  const remove = (i: number) => <RemoveButton onClick={() => onChange(rules.filter((_, at) => at !== i))} />;
  return (
    <>
      <ol className="mapping-rows">
        {rules.map((rule, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they have no names, or it is being typed; their order counts
          <li key={i} className={cards ? 'mapping-card' : 'mapping-rule'}>
            {children(rule, set(i), remove(i))}
          </li>
        ))}
      </ol>
      <AddRow
        text={add.text}
        disabled={rules.length >= (most ?? Number.POSITIVE_INFINITY)}
        onClick={() => onChange([...rules, add.fresh])}
      />
    </>
  );
}

/** One more, below the last. */
export function AddRow({ text, disabled, onClick }: { text: string; disabled: boolean; onClick: () => void }) {
  return (
    <div>
      <Button size="small" icon={<Icon name="plus" size={12} />} disabled={disabled} onClick={onClick}>
        {text}
      </Button>
    </div>
  );
}

export const Arrow = () => (
  <span className="mapping-arrow" aria-hidden="true">
    →
  </span>
);
