import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Checkbox, Form, Input, InputNumber, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { changeMailbox, createMailbox, type Mailbox, type MailboxInput, tryMailbox } from '../../api/mailboxes.js';
import { makeableKindsQuery } from '../../api/tickets.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';
import { HallSelect } from '../parts/HallSelect.js';
import { MappingFields } from './MappingFields.js';
import { guessMapping } from './mail-fields.js';
import { isTheirWord } from './mailbox-state.js';

type Fields = Omit<MailboxInput, 'ca' | 'hallId'> & { ca?: string; hallId?: string };

const ofServer: ReadonlySet<string> = new Set(['host', 'port', 'security', 'userName', 'folder', 'ca', 'password']);

/** Server, account, and what becomes of its letters; tried before it is kept. */
export function MailboxForm({ mailbox, onClose }: { mailbox?: Mailbox; onClose: () => void }) {
  const { t } = useTranslation(['mailboxes', 'common']);
  const label = useLabel();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const kinds = useQuery(makeableKindsQuery);
  const kind = Form.useWatch('kind', form);
  const documentOf = (code: string | undefined) => kinds.data?.items.find((one) => one.code === code)?.document;
  const mappingOf = (fields: Fields): Pick<MailboxInput, 'mapping'> => {
    const document = documentOf(fields.kind);
    if (!document || !fields.mapping) return {};
    const { text, requester, email, files, category } = fields.mapping;
    return {
      mapping: {
        ...{ title: document.title, text: text ?? null, requester: requester ?? null, email: email ?? null },
        ...{ files: files ?? null, category: category ?? null },
      },
    };
  };
  const inputOf = ({ password, mapping, ...fields }: Fields): MailboxInput => ({
    ...{ ...fields, ca: fields.ca?.trim() || null, hallId: fields.hallId || null },
    ...mappingOf({ ...fields, ...(mapping ? { mapping } : {}) }),
    ...(password ? { password } : {}),
  });
  const save = useMutation({
    mutationFn: (fields: Fields) =>
      mailbox ? changeMailbox(mailbox, inputOf(fields)) : createMailbox(inputOf(fields)),
    onSuccess: onClose,
    onSettled: () => void client.invalidateQueries({ queryKey: ['mailboxes'] }),
  });
  const attempt = useMutation({
    mutationFn: () => {
      const { host, port, security, userName, folder, ca, password } = inputOf(form.getFieldsValue());
      const secret = password ? { password } : {};
      return tryMailbox({
        ...{ host, port, security, userName, folder, ca },
        ...secret,
        ...(mailbox ? { mailboxId: mailbox.id } : {}),
      });
    },
  });
  /** What is missing stands at its field. */
  const tryIt = () =>
    form.validateFields(['host', 'port', 'userName', 'folder', 'password']).then(
      () => attempt.mutate(),
      () => attempt.reset(),
    );
  const needed = [{ required: true, message: t('needed') }];
  const initial = mailbox
    ? { ...mailbox, ca: mailbox.ca ?? '', hallId: mailbox.hallId ?? '' }
    : { security: 'tls', port: 993, folder: 'INBOX', acknowledge: true, enabled: true };
  return (
    <Modal
      open
      width={600}
      title={t(mailbox ? 'edit' : 'new')}
      onCancel={onClose}
      okText={t('common:save')}
      cancelText={t('common:cancel')}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={initial}
        onFinish={(fields) => save.mutate(fields)}
        onValuesChange={(changed) => {
          // What was tried is no longer what stands there.
          if (Object.keys(changed).some((key) => ofServer.has(key))) attempt.reset();
        }}
      >
        <FormProblem error={save.error} form={form} />
        <div className="mailbox-two">
          <Form.Item name="name" label={t('name')} rules={needed}>
            <Input maxLength={60} />
          </Form.Item>
          <Form.Item
            name="address"
            label={t('address')}
            rules={[{ required: true, type: 'email', message: t('needed') }]}
          >
            <Input maxLength={254} placeholder={t('example.address')} />
          </Form.Item>
          <Form.Item name="host" label={t('host')} rules={needed}>
            <Input placeholder={t('example.host')} />
          </Form.Item>
          <Form.Item name="port" label={t('port')} rules={needed}>
            <InputNumber min={1} max={65_535} />
          </Form.Item>
          <Form.Item name="security" label={t('security.label')} rules={needed}>
            <Select
              options={(['tls', 'starttls', 'plain'] as const).map((value) => ({
                value,
                label: t(`security.${value}`),
              }))}
              onChange={(value: string) => {
                if ([993, 143].includes(form.getFieldValue('port')))
                  form.setFieldValue('port', value === 'tls' ? 993 : 143);
              }}
            />
          </Form.Item>
          <Form.Item name="folder" label={t('folder')} rules={needed}>
            <Input />
          </Form.Item>
          <Form.Item name="userName" label={t('userName')} rules={needed}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="password" label={t('password')} rules={mailbox ? [] : needed} extra={t('passwordHint')}>
            <Input.Password autoComplete="new-password" {...(mailbox ? { placeholder: t('unchanged') } : {})} />
          </Form.Item>
        </div>
        <Form.Item name="ca" label={t('ca')}>
          <Input.TextArea rows={2} placeholder={t('example.ca')} />
        </Form.Item>
        <div className="mailbox-try">
          <Button loading={attempt.isPending} onClick={() => void tryIt()}>
            {t('try')}
          </Button>
          <span role="status" className={attempt.data && !attempt.data.ok ? 'mailbox-bad' : 'soft'}>
            {attempt.data?.ok ? t('tried', { count: attempt.data.letters ?? 0 }) : null}
            {attempt.data && !attempt.data.ok ? t(`failure.${attempt.data.failure as 'password'}`) : null}
          </span>
          {attempt.data?.detail && isTheirWord(attempt.data.failure) ? (
            <p className="soft small break">{t('said', { words: attempt.data.detail })}</p>
          ) : null}
        </div>
        <FormProblem error={attempt.error} />
        <div className="mailbox-two">
          <Form.Item name="kind" label={t('kind')} rules={needed}>
            <Select
              options={(kinds.data?.items ?? []).map(({ code, label: name }) => ({ value: code, label: label(name) }))}
              onChange={(code: string) => {
                const document = documentOf(code);
                if (document) form.setFieldValue('mapping', guessMapping(document));
              }}
            />
          </Form.Item>
          <Form.Item name="hallId" label={t('hall')}>
            <HallSelect clearable />
          </Form.Item>
        </div>
        <MappingFields kind={kind} />
        <Form.Item name="acknowledge" valuePropName="checked" extra={t('acknowledgeHint')}>
          <Checkbox>{t('acknowledge')}</Checkbox>
        </Form.Item>
        <Form.Item name="enabled" valuePropName="checked">
          <Checkbox>{t('enabled')}</Checkbox>
        </Form.Item>
      </Form>
    </Modal>
  );
}
