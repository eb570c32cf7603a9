import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Checkbox, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ChannelSecret, createChannel, type Partner, partners } from '../../api/exchange.js';
import { officesQuery } from '../../api/offices.js';
import { kindsQuery, kindVersionQuery } from '../../api/ticket-kinds.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { FormProblem } from '../parts/FormProblem.js';
import { HallSelect } from '../parts/HallSelect.js';
import { SecretModal } from './SecretModal.js';
import { suggestMapping } from './suggest-mapping.js';

const scheme = 'https://';

interface Fields {
  partner: Partner;
  name: string;
  code: string;
  baseUrl?: string;
  kind: string;
  takes: boolean;
  gives: boolean;
  office?: string;
  hallId?: string;
}

/** A channel to a platform: who it is, what goes either way; then its secret, this once. */
export function NewChannel({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['exchange', 'common']);
  const label = useLabel();
  const may = useRights();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const [made, setMade] = useState<ChannelSecret>();
  const kinds = useQuery({ ...kindsQuery, enabled: may('ticketkind.read') });
  const offices = useQuery({ ...officesQuery, enabled: may('office.read') });
  const gives = Form.useWatch('gives', form);
  const usable = (kinds.data ?? []).filter(({ published, retired }) => published && !retired);
  const create = useMutation({
    mutationFn: async (fields: Fields) => {
      const version = usable.find(({ code }) => code === fields.kind)?.published?.version ?? 1;
      const { document } = await client.fetchQuery(kindVersionQuery(fields.kind, version));
      const office = fields.gives ? (fields.office ?? null) : null;
      return createChannel({
        ...{ partner: fields.partner, name: fields.name, code: fields.code, hallId: fields.hallId || null },
        baseUrl: fields.baseUrl?.trim().replace(/\/+$/, '') || null,
        mapping: suggestMapping(document, { takes: fields.takes, office }),
      });
    },
    onSuccess: (secret) => {
      setMade(secret);
      void client.invalidateQueries({ queryKey: ['exchange-channels'] });
    },
  });
  if (made)
    return (
      <SecretModal
        secret={made}
        onClose={() => void navigate({ to: paths.exchangeChannel(made.channel.id) as string })}
      />
    );
  return (
    <Modal
      open
      width={560}
      title={t('new')}
      onCancel={onClose}
      okText={t('make')}
      cancelText={t('common:cancel')}
      confirmLoading={create.isPending}
      onOk={() => form.submit()}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={{ partner: '12345', takes: true, gives: false }}
        onFinish={(fields) => create.mutate(fields)}
      >
        <Form.Item name="partner" label={t('partner')}>
          <Select options={partners.map((value) => ({ value, label: t(`partners.${value}`) }))} />
        </Form.Item>
        <Form.Item
          name="name"
          label={t('name')}
          rules={[{ required: true, whitespace: true, message: t('nameNeeded') }]}
        >
          <Input maxLength={100} autoFocus />
        </Form.Item>
        <Form.Item
          name="code"
          label={t('code')}
          extra={t('codeHint')}
          rules={[{ required: true, pattern: /^[a-z][a-z0-9_-]{0,47}$/, message: t('codeHint') }]}
        >
          <Input maxLength={48} spellCheck={false} autoCapitalize="none" />
        </Form.Item>
        <Form.Item
          name="baseUrl"
          label={t('baseUrl')}
          extra={t('baseUrlHint')}
          rules={[{ pattern: /^\s*(https?:\/\/[^\s?#@]+)?\s*$/, message: t('baseUrlBad') }]}
        >
          <Input maxLength={500} placeholder={scheme} spellCheck={false} autoCapitalize="none" inputMode="url" />
        </Form.Item>
        <Form.Item
          name="kind"
          label={t('kind')}
          extra={t('kindHint')}
          rules={[{ required: true, message: t('kindNeeded') }]}
        >
          <Select
            loading={kinds.isFetching}
            showSearch={{ optionFilterProp: 'label' }}
            options={usable.map(({ code, label: name }) => ({ value: code, label: label(name) }))}
          />
        </Form.Item>
        <Form.Item name="takes" valuePropName="checked" noStyle>
          <Checkbox>{t('takes')}</Checkbox>
        </Form.Item>
        <Form.Item name="gives" valuePropName="checked" className="exchange-check">
          <Checkbox>{t('gives')}</Checkbox>
        </Form.Item>
        {gives ? (
          <Form.Item
            name="office"
            label={t('office')}
            extra={t('officeHint')}
            rules={[{ required: true, message: t('officeNeeded') }]}
          >
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={(offices.data ?? []).map(({ code, name }) => ({ value: code, label: name }))}
            />
          </Form.Item>
        ) : null}
        <Form.Item name="hallId" label={t('hall')} extra={t('hallHint')}>
          <HallSelect clearable />
        </Form.Item>
        <FormProblem error={create.error} form={form} />
      </Form>
    </Modal>
  );
}
