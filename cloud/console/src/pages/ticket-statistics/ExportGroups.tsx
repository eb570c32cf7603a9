import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { TicketGroup, TicketStatistics } from '../../api/ticket-statistics.js';
import { Icon } from '../../ui/icons.js';
import { type Column, toCsv } from '../../ui/table/column.js';
import { saveCsv } from '../../ui/table/save-csv.js';
import { useGroupColumns } from './use-group-columns.js';

interface ExportGroupsProps {
  data: TicketStatistics;
  caption: string;
  nameOf: (group: TicketGroup) => string;
}

/** What the table shows as a sheet, with the sum below. */
export function ExportGroups({ data, caption, nameOf }: ExportGroupsProps) {
  const { t } = useTranslation(['ticketStatistics', 'tickets']);
  const columns = useGroupColumns();
  const sheet: Column<TicketGroup>[] = [
    { id: 'name', title: caption, cell: () => null, text: nameOf },
    ...columns.map(({ id, title, inSheet, text }) => ({ id, title: inSheet ?? title, cell: () => null, text })),
  ];
  const sum: TicketGroup = {
    ...data.total,
    ...{ key: '', before: data.before.made },
    label: { zh: t('sum', { lng: 'zh' }), en: t('sum', { lng: 'en' }) },
  };
  return (
    <Button
      icon={<Icon name="export" size={16} />}
      onClick={() => saveCsv(`${caption} ${data.from} ${data.to}`, toCsv(sheet, [...data.groups, sum]))}
    >
      {t('tickets:export.label')}
    </Button>
  );
}
