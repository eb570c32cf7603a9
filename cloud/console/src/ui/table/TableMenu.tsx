import { Button, Checkbox, Dropdown, Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '../icons.js';
import { type Column, toCsv, toText } from './column.js';
import { saveCsv } from './save-csv.js';
import type { TableLayout } from './table-layout.js';

interface TableMenuProps<Row> {
  name: string;
  columns: Column<Row>[];
  rows: Row[];
  layout: TableLayout;
  onLayout: (layout: TableLayout) => void;
  onCopied: () => void;
}

/** Column choice, copy and export of what is loaded. */
export function TableMenu<Row>({ name, columns, rows, layout, onLayout, onCopied }: TableMenuProps<Row>) {
  const { t } = useTranslation();
  const toggle = (id: string, show: boolean) =>
    onLayout({ ...layout, hidden: show ? layout.hidden.filter((other) => other !== id) : [...layout.hidden, id] });
  const choice = (
    <div className="table-columns">
      {columns.map((column, index) => (
        <Checkbox
          key={column.id}
          checked={!layout.hidden.includes(column.id)}
          disabled={index === 0}
          onChange={(event) => toggle(column.id, event.target.checked)}
        >
          {column.title}
        </Checkbox>
      ))}
      <Button type="link" size="small" onClick={() => onLayout({ hidden: [], widths: {} })}>
        {t('table.reset')}
      </Button>
    </div>
  );
  return (
    <div className="row table-menu">
      <Popover content={choice} trigger="click" placement="bottomRight" arrow={false}>
        <Button type="text" size="small" icon={<Icon name="columns" />} aria-label={t('table.columns')} />
      </Popover>
      <Dropdown
        trigger={['click']}
        placement="bottomRight"
        menu={{
          items: [
            { key: 'copy', icon: <Icon name="copy" />, label: t('table.copy', { count: rows.length }) },
            { key: 'export', icon: <Icon name="export" />, label: t('table.export', { count: rows.length }) },
          ],
          onClick: ({ key }) => {
            if (key === 'export') saveCsv(`${name}-${new Date().toISOString().slice(0, 10)}`, toCsv(columns, rows));
            else void navigator.clipboard.writeText(toText(columns, rows)).then(onCopied);
          },
        }}
      >
        <Button type="text" size="small" icon={<Icon name="more" />} aria-label={t('table.more')} />
      </Dropdown>
    </div>
  );
}
