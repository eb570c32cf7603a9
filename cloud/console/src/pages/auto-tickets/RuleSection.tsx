import type { UseQueryResult } from '@tanstack/react-query';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import type { IconName } from '../../ui/icons.js';
import { Section } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { FormProblem } from '../parts/FormProblem.js';

interface RuleSectionProps<Rule> {
  title: string;
  /** How these rules work, above them. */
  hint: string;
  query: UseQueryResult<Rule[]>;
  /** Left out: the reader may add none. `first`: while there is none. */
  add?: { text: string; first: string; start: () => void } | undefined;
  none: { icon: IconName; title: string; hint: string };
  warning?: ReactNode;
  /** Why the last change was not taken. */
  error: unknown;
  card: (rule: Rule, index: number) => ReactNode;
  /** The dialog. */
  children?: ReactNode;
}

/** Rules of one sort, as sentences with their switches. */
export function RuleSection<Rule>({ title, hint, query, add, none, ...props }: RuleSectionProps<Rule>) {
  const rules = query.data;
  return (
    <Section
      title={title}
      aside={
        add && rules?.length ? (
          <Button size="small" onClick={add.start}>
            {add.text}
          </Button>
        ) : undefined
      }
    >
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
      ) : rules === undefined ? (
        <div className="card-pad">
          <SkeletonLines lines={3} />
        </div>
      ) : rules.length === 0 ? (
        <Empty
          {...none}
          action={
            add ? (
              <Button type="primary" onClick={add.start}>
                {add.first}
              </Button>
            ) : undefined
          }
        />
      ) : (
        <>
          <p className="auto-hint faint small">{hint}</p>
          {props.warning}
          <ul className="auto-rules">{rules.map(props.card)}</ul>
        </>
      )}
      <FormProblem error={props.error} />
      {props.children}
    </Section>
  );
}
