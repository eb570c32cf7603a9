import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, DatePicker, Form, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type StandIn, setStandIns, standInsQuery } from '../../api/offices.js';
import { Icon } from '../../ui/icons.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { FormProblem } from '../parts/FormProblem.js';
import { usePeople } from './MemberList.js';

interface Fields {
  userId: string;
  standInId: string;
  when: [Dayjs, Dayjs];
}
type Item = Pick<StandIn, 'userId' | 'standInId' | 'from' | 'until'>;

/** Who does whose tasks while they are away. */
export function StandIns({ mayWrite, onClose }: { mayWrite: boolean; onClose: () => void }) {
  const { t } = useTranslation('offices');
  const client = useQueryClient();
  const query = useQuery(standInsQuery);
  const [form] = Form.useForm<Fields>();
  const write = useMutation({
    mutationFn: (items: Item[]) => setStandIns(query.data?.version ?? 0, items),
    onSuccess: (next) => {
      client.setQueryData(standInsQuery.queryKey, next);
      form.resetFields();
    },
    onError: () => void query.refetch(),
  });
  const items = (query.data?.items ?? []).map(
    ({ userId, standInId, from, until }): Item => ({ userId, standInId, from, until }),
  );
  const add = ({ userId, standInId, when }: Fields) =>
    write.mutate([
      ...items,
      { userId, standInId, from: when[0].startOf('day').toISOString(), until: when[1].endOf('day').toISOString() },
    ]);
  return (
    <SidePanel title={t('standIns.title')} onClose={onClose}>
      {query.error ? <ErrorState compact error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isPending ? <SkeletonLines /> : null}
      {query.data?.items.length === 0 ? <p className="faint small">{t('standIns.none')}</p> : null}
      <ul className="office-lines">
        {query.data?.items.map((one, i) => (
          <li key={one.id} className="office-line">
            <div className="row">
              <span className="grow">{t('standIns.one', { away: one.userName, standIn: one.standInName })}</span>
              {mayWrite ? (
                <Button
                  size="small"
                  type="text"
                  aria-label={t('remove', { name: one.userName })}
                  icon={<Icon name="close" size={14} />}
                  onClick={() => write.mutate(items.filter((_, j) => j !== i))}
                />
              ) : null}
            </div>
            <span className="faint small">
              <RelativeTime time={one.from} /> – <RelativeTime time={one.until} />
            </span>
          </li>
        ))}
      </ul>
      {mayWrite && query.data ? (
        <Form<Fields> form={form} layout="vertical" onFinish={add}>
          <Form.Item
            name="userId"
            label={t('standIns.away')}
            rules={[{ required: true, message: t('standIns.choose') }]}
          >
            <PersonSelect />
          </Form.Item>
          <Form.Item
            name="standInId"
            label={t('standIns.standIn')}
            dependencies={['userId']}
            rules={[
              { required: true, message: t('standIns.choose') },
              ({ getFieldValue }) => ({
                validator: (_, id: string) =>
                  id && id === getFieldValue('userId')
                    ? Promise.reject(new Error(t('standIns.same')))
                    : Promise.resolve(),
              }),
            ]}
          >
            <PersonSelect />
          </Form.Item>
          <Form.Item
            name="when"
            label={t('standIns.when')}
            rules={[{ required: true, message: t('standIns.chooseDays') }]}
          >
            <DatePicker.RangePicker className="office-wide" />
          </Form.Item>
          <Button htmlType="submit" type="primary" loading={write.isPending}>
            {t('standIns.add')}
          </Button>
        </Form>
      ) : null}
      <FormProblem error={write.error} />
    </SidePanel>
  );
}

function PersonSelect({ id, value, onChange }: { id?: string; value?: string; onChange?: (id: string) => void }) {
  const [text, setText] = useState('');
  const people = usePeople(text.trim());
  return (
    <Select
      {...(id ? { id } : {})}
      value={value ?? null}
      showSearch={{ filterOption: false, onSearch: setText }}
      options={(people.data?.items ?? []).map((one) => ({ value: one.id, label: one.displayName }))}
      onChange={(next: string | null) => next && onChange?.(next)}
    />
  );
}
