import { Button } from 'antd';
import type { ReactNode } from 'react';
import type { IconName } from '../../ui/icons.js';
import { Page } from '../../ui/Page.js';
import { Empty } from '../../ui/states.js';
import { DataTable, type DataTableProps } from '../../ui/table/DataTable.js';
import { type SetUpTab, SetUpTabs } from './SetUpTabs.js';

interface SetUpListProps<Row> extends Omit<DataTableProps<Row>, 'label' | 'empty'> {
  tab: SetUpTab;
  title: string;
  lead?: string;
  /** Left out: the reader may add none. */
  add?: { text: string; start: () => void } | undefined;
  /** Quiet actions, before the primary one. */
  besides?: ReactNode;
  /** While there is nothing: what it is, what to do first. */
  none: { icon: IconName; title: string; hint: string };
  /** Panels and dialogs. */
  children?: ReactNode;
}

/** The frame of a list among what tickets go by. */
export function SetUpList<Row>({ tab, title, lead, add, besides, none, children, ...table }: SetUpListProps<Row>) {
  const button = add ? (
    <Button type="primary" onClick={add.start}>
      {add.text}
    </Button>
  ) : undefined;
  // There it stands below the words that explain it, once.
  const isEmpty = table.rows?.length === 0;
  return (
    <Page
      title={title}
      lead={lead}
      tabs={<SetUpTabs active={tab} />}
      actions={
        besides || (button && !isEmpty) ? (
          <>
            {besides}
            {isEmpty ? null : button}
          </>
        ) : undefined
      }
      fill
    >
      <DataTable
        {...table}
        label={title}
        empty={<Empty icon={none.icon} title={none.title} hint={none.hint} action={button} />}
      />
      {children}
    </Page>
  );
}
