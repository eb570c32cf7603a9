import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Form, Input, Modal, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import {
  changeProvider,
  createProvider,
  type ProviderInput,
  providersQuery,
  type SignOnProvider,
} from '../../api/sign-in.js';
import { usePlaces } from '../../app/use-place.js';
import { FormProblem } from '../parts/FormProblem.js';
import { GrantFields, type GrantRow, toGrants, toRows } from './GrantFields.js';

interface Fields {
  label: string;
  issuer: string;
  clientId: string;
  clientSecret?: string;
  scopes: string[];
  userNameClaim: string;
  displayNameClaim: string;
  groupsClaim?: string;
  allowedDomains: string[];
  provision: boolean;
  defaultGrants?: GrantRow[];
  groupGrants?: GrantRow[];
  trustsSecondFactor: boolean;
  enabled: boolean;
}

const fresh = {
  scopes: ['openid', 'profile', 'email'],
  userNameClaim: 'preferred_username',
  displayNameClaim: 'name',
  allowedDomains: [],
  provision: false,
  trustsSecondFactor: false,
  enabled: true,
};

const toFields = (provider: SignOnProvider): Fields => ({
  ...provider,
  groupsClaim: provider.groupsClaim ?? '',
  defaultGrants: toRows(provider.defaultGrants),
  groupGrants: toRows(provider.groupGrants),
});

/** A provider's facts. Its secret is never shown again: left empty it stays as it is. */
export function ProviderForm({ provider, onClose }: { provider: SignOnProvider | undefined; onClose: () => void }) {
  const { t } = useTranslation(['admin', 'common']);
  const places = usePlaces();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const provision = Form.useWatch('provision', form) ?? provider?.provision ?? false;
  const groupsClaim = Form.useWatch('groupsClaim', form) ?? provider?.groupsClaim ?? '';
  const save = useMutation({
    mutationFn: ({ clientSecret, groupsClaim: claim, defaultGrants, groupGrants, ...fields }: Fields) => {
      const input: ProviderInput = {
        ...fields,
        groupsClaim: claim?.trim() || null,
        defaultGrants: toGrants(defaultGrants ?? [], places),
        groupGrants: (groupGrants ?? []).flatMap((row) =>
          toGrants([row], places).map((grant) => ({ ...grant, group: row.group?.trim() ?? '' })),
        ),
        ...(clientSecret?.trim() ? { clientSecret: clientSecret.trim() } : {}),
      };
      return provider ? changeProvider(provider, input) : createProvider(input);
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: providersQuery.queryKey });
      onClose();
    },
  });
  const needed = [{ required: true, whitespace: true, message: t('providers.needed') }];
  return (
    <Modal
      open
      width={620}
      title={t(provider ? 'providers.edit' : 'providers.add')}
      mask={{ closable: false }}
      onCancel={onClose}
      okText={t('common:save')}
      cancelText={t('common:cancel')}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={provider ? toFields(provider) : fresh}
        onFinish={(fields) => save.mutate({ ...(provider ? toFields(provider) : fresh), ...fields })}
      >
        <Form.Item name="label" label={t('providers.label')} extra={t('providers.labelHint')} rules={needed}>
          <Input maxLength={60} autoFocus />
        </Form.Item>
        <Form.Item name="issuer" label={t('providers.issuer')} extra={t('providers.issuerHint')} rules={needed}>
          <Input maxLength={500} inputMode="url" spellCheck={false} autoComplete="off" />
        </Form.Item>
        <Form.Item name="clientId" label={t('providers.clientId')} rules={needed}>
          <Input maxLength={300} spellCheck={false} autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="clientSecret"
          label={t('providers.clientSecret')}
          {...(provider?.hasSecret ? { extra: t('providers.secretKept') } : {})}
        >
          <Input.Password maxLength={1_000} autoComplete="new-password" />
        </Form.Item>
        <Form.Item name="allowedDomains" label={t('providers.domains')} extra={t('providers.domainsHint')}>
          <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', ' ']} />
        </Form.Item>
        <Form.Item
          name="provision"
          label={t('providers.provision')}
          valuePropName="checked"
          extra={t('providers.provisionHint')}
        >
          <Switch />
        </Form.Item>
        {provision ? <GrantFields name="defaultGrants" title={t('providers.defaultGrants')} /> : null}
        <Form.Item name="trustsSecondFactor" label={t('providers.trusts')} valuePropName="checked">
          <Switch />
        </Form.Item>
        <Form.Item name="enabled" label={t('providers.enabled')} valuePropName="checked">
          <Switch />
        </Form.Item>
        <details className="provider-more" open={groupsClaim !== ''}>
          <summary>{t('providers.more')}</summary>
          <Form.Item name="scopes" label={t('providers.scopes')}>
            <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[' ']} />
          </Form.Item>
          <Form.Item name="userNameClaim" label={t('providers.userNameClaim')} rules={needed}>
            <Input maxLength={100} spellCheck={false} />
          </Form.Item>
          <Form.Item name="displayNameClaim" label={t('providers.displayNameClaim')} rules={needed}>
            <Input maxLength={100} spellCheck={false} />
          </Form.Item>
          <Form.Item name="groupsClaim" label={t('providers.groupsClaim')} extra={t('providers.groupsHint')}>
            <Input maxLength={100} spellCheck={false} />
          </Form.Item>
          {groupsClaim !== '' ? <GrantFields name="groupGrants" title={t('providers.groupGrants')} group /> : null}
        </details>
        <FormProblem error={save.error} form={form} />
      </Form>
    </Modal>
  );
}
