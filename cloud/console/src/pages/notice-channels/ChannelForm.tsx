import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Form, Input, InputNumber, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import {
  type ChannelKind,
  type ChannelSecret,
  changeNoticeChannel,
  createNoticeChannel,
  type NoticeChannel,
} from '../../api/notice-channels.js';
import { FormProblem } from '../parts/FormProblem.js';

interface Fields {
  name: string;
  host?: string;
  port?: number;
  tls?: 'implicit' | 'starttls' | 'none';
  user?: string;
  password?: string;
  from?: string;
  fromName?: string;
  perPersonHourly?: number;
  ca?: string;
  url?: string;
  quietFrom?: string;
  quietTo?: string;
  templates?: string;
}

interface ChannelFormProps {
  kind: ChannelKind;
  /** Left out: a new one. */
  channel?: NoticeChannel;
  onClose: () => void;
  onSecret: (secret: ChannelSecret) => void;
}

const portOf = { implicit: 465, starttls: 587, none: 25 } as const;

/** One line each, `ours = theirs`. */
const readTemplates = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [ours, theirs] = line.split('=').map((part) => part.trim());
      return ours && theirs ? [[ours, theirs]] : [];
    }),
  );

const configOf = (kind: ChannelKind, f: Fields, was: Record<string, unknown> = {}): Record<string, unknown> => {
  if (kind === 'webhook') return { ...was, url: f.url?.trim() };
  if (kind === 'sms')
    return {
      ...{ url: f.url?.trim(), quiet: { from: f.quietFrom, to: f.quietTo } },
      templates: readTemplates(f.templates ?? ''),
    };
  return {
    ...{ host: f.host?.trim(), port: f.port, tls: f.tls, user: f.user?.trim() || null, from: f.from?.trim() },
    ...{ fromName: f.fromName?.trim() || 'HallHub', perPersonHourly: f.perPersonHourly, ca: f.ca?.trim() || null },
  };
};

const fieldsOf = (kind: ChannelKind, channel: NoticeChannel | undefined): Partial<Fields> => {
  const config = (channel?.config ?? {}) as Partial<Fields> & {
    quiet?: { from: string; to: string };
    templates?: Record<string, string>;
  };
  const name = channel ? { name: channel.name } : {};
  if (kind === 'email')
    return { tls: 'starttls', port: 587, perPersonHourly: 6, fromName: 'HallHub', ...(config as object), ...name };
  if (kind === 'webhook') return { ...(config.url ? { url: config.url } : {}), ...name };
  return {
    ...{ quietFrom: config.quiet?.from ?? '22:00', quietTo: config.quiet?.to ?? '08:00' },
    ...(config.url ? { url: config.url } : {}),
    templates: Object.entries(config.templates ?? {})
      .map((pair) => pair.join(' = '))
      .join('\n'),
    ...name,
  };
};

/** Sets a channel up, or changes it. */
export function ChannelForm({ kind, channel, onClose, onSecret }: ChannelFormProps) {
  const { t } = useTranslation(['noticeChannels', 'common']);
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const save = useMutation({
    mutationFn: async (fields: Fields) => {
      const config = configOf(kind, fields, channel?.config);
      const password = fields.password ? { password: fields.password } : {};
      if (channel) await changeNoticeChannel(channel, { name: fields.name, config, ...password });
      else onSecret(await createNoticeChannel({ kind, name: fields.name, config, ...password }));
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['notice-channels'] });
      onClose();
    },
  });
  const needed = [{ required: true, whitespace: true, message: t('needed') }];
  const time = [{ required: true, pattern: /^([01]\d|2[0-3]):[0-5]\d$/, message: t('form.timeWrong') }];
  return (
    <Modal
      open
      width={560}
      title={channel ? channel.name : t(`newOf.${kind}`)}
      onCancel={onClose}
      okText={t('common:save')}
      cancelText={t('common:cancel')}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={fieldsOf(kind, channel)}
        onFinish={(fields) => save.mutate(fields)}
      >
        <Form.Item name="name" label={t('form.name')} rules={needed}>
          <Input maxLength={80} placeholder={t(`kind.${kind}`)} />
        </Form.Item>
        {kind === 'email' ? (
          <>
            <div className="nc-row">
              <Form.Item name="host" label={t('form.host')} rules={needed} className="grow">
                <Input maxLength={253} placeholder={t('form.example.host')} />
              </Form.Item>
              <Form.Item name="port" label={t('form.port')} rules={[{ required: true, message: t('needed') }]}>
                <InputNumber min={1} max={65_535} controls={false} />
              </Form.Item>
            </div>
            <Form.Item name="tls" label={t('form.tls')}>
              <Select
                options={(['starttls', 'implicit', 'none'] as const).map((value) => ({
                  ...{ value, label: t(`form.tlsOf.${value}`) },
                }))}
                onChange={(value: keyof typeof portOf) => {
                  if (Object.values<unknown>(portOf).includes(form.getFieldValue('port')))
                    form.setFieldsValue({ port: portOf[value] });
                }}
              />
            </Form.Item>
            <Form.Item name="user" label={t('form.user')}>
              <Input maxLength={254} autoComplete="off" />
            </Form.Item>
            <Form.Item
              name="password"
              label={t('form.password')}
              extra={channel?.hasPassword ? t('form.passwordKept') : undefined}
            >
              <Input.Password maxLength={500} autoComplete="new-password" />
            </Form.Item>
            <Form.Item name="from" label={t('form.from')} rules={needed} extra={t('form.fromHint')}>
              <Input maxLength={254} placeholder={t('form.example.address')} />
            </Form.Item>
            <Form.Item name="fromName" label={t('form.fromName')}>
              <Input maxLength={80} />
            </Form.Item>
            <Form.Item name="perPersonHourly" label={t('form.hourly')} extra={t('form.hourlyHint')}>
              <InputNumber min={1} max={100} />
            </Form.Item>
            <Form.Item name="ca" label={t('form.ca')} extra={t('form.caHint')}>
              <Input.TextArea autoSize={{ minRows: 1, maxRows: 5 }} maxLength={20_000} />
            </Form.Item>
          </>
        ) : (
          <Form.Item name="url" label={t('form.url')} extra={t(`form.urlHint.${kind}`)} rules={needed}>
            <Input maxLength={500} placeholder={t('form.example.url')} />
          </Form.Item>
        )}
        {kind === 'sms' ? (
          <>
            <div className="nc-row">
              <Form.Item name="quietFrom" label={t('form.quietFrom')} rules={time} className="grow">
                <Input placeholder="22:00" />
              </Form.Item>
              <Form.Item name="quietTo" label={t('form.quietTo')} rules={time} className="grow">
                <Input placeholder="08:00" />
              </Form.Item>
            </div>
            <Form.Item name="templates" label={t('form.templates')} extra={t('form.templatesHint')}>
              <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} placeholder={t('form.example.templates')} />
            </Form.Item>
          </>
        ) : null}
        <FormProblem error={save.error} form={form} />
      </Form>
    </Modal>
  );
}
