import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Form, Input, Modal, Segmented, Select, TreeSelect } from 'antd';
import { useTranslation } from 'react-i18next';
import { changePlace, createPlace, type Place, type PlaceInput } from '../../api/places.js';
import { usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';
import { likelyKind, likelyParent, parentKindOf, possibleKinds } from './place-defaults.js';

interface PlaceFormProps {
  /** The place to change; none makes a new one. */
  place?: Place;
  /** Where a new one goes, when that is known. */
  parent?: Place;
  onClose: () => void;
}

interface Fields {
  kind: Place['kind'];
  parentId?: string | null;
  name: string;
  code: string;
  timeZone?: string;
  address?: string;
}

const kinds = ['region', 'hall', 'counter'] as const;
const zones = Intl.supportedValuesOf('timeZone').map((zone) => ({ value: zone, label: zone }));

interface Node {
  value: string;
  title: string;
  disabled: boolean;
  children: Node[];
}

/** A new region, hall or counter, or a change to one. */
export function PlaceForm({ place, parent, onClose }: PlaceFormProps) {
  const { t } = useTranslation(['halls', 'common']);
  const label = useLabel();
  const { message } = App.useApp();
  const client = useQueryClient();
  const places = usePlaces();
  const [form] = Form.useForm<Fields>();
  const kind = Form.useWatch('kind', form) ?? place?.kind ?? likelyKind(places, parent);
  const parentKind = parentKindOf(kind);
  const possible = possibleKinds(places);
  const tree = (parentId: string | null): Node[] =>
    places
      .filter((one) => one.parentId === parentId && !one.archivedAt && one.kind !== 'counter' && one.id !== place?.id)
      .filter((one) => one.kind === 'region' || parentKind === 'hall')
      .map((one) => ({
        value: one.id,
        title: label(one.name),
        disabled: one.kind !== parentKind,
        children: tree(one.id),
      }));
  const save = useMutation({
    mutationFn: (fields: Fields) => {
      const input: PlaceInput = {
        kind,
        parentId: fields.parentId ?? null,
        name: fields.name.trim(),
        code: fields.code.trim(),
        ...(kind === 'hall' ? { timeZone: fields.timeZone, address: fields.address?.trim() || undefined } : {}),
      };
      const { kind: _, ...change } = input;
      return place ? changePlace(place, change) : createPlace(input);
    },
    onSuccess: () => {
      void message.success(t('common:saved'));
      void client.invalidateQueries({ queryKey: ['places'] });
      onClose();
    },
  });
  const initial: Fields = place
    ? {
        kind: place.kind,
        parentId: place.parentId,
        name: label(place.name),
        code: place.code ?? '',
        timeZone: place.timeZone ?? 'Asia/Shanghai',
        address: place.address ?? '',
      }
    : { kind, parentId: likelyParent(places, kind, parent?.id), name: '', code: '', timeZone: 'Asia/Shanghai' };
  return (
    <Modal
      open
      title={place ? t('edit.open') : t('new.open')}
      width={460}
      onCancel={onClose}
      okText={t('common:save')}
      cancelText={t('common:cancel')}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
    >
      <Form<Fields> form={form} layout="vertical" initialValues={initial} onFinish={(fields) => save.mutate(fields)}>
        {place ? null : (
          <Form.Item
            name="kind"
            label={t('columns.kind')}
            required
            extra={
              possible.length < kinds.length
                ? t(possible.includes('hall') ? 'form.hallFirst' : 'form.regionFirst')
                : null
            }
          >
            <Segmented
              options={kinds.map((one) => ({
                value: one,
                label: t(`kind.${one}`),
                disabled: !possible.includes(one),
              }))}
              onChange={(next) =>
                form.setFieldValue('parentId', likelyParent(places, next, form.getFieldValue('parentId')))
              }
            />
          </Form.Item>
        )}
        {kind === 'region' && possible.length === 1 && !place ? null : (
          <Form.Item
            name="parentId"
            label={t(kind === 'counter' ? 'form.hall' : 'form.region')}
            rules={kind === 'region' ? [] : [{ required: true, message: t('form.parentNeeded') }]}
          >
            <TreeSelect
              allowClear
              treeDefaultExpandAll
              showSearch={{ treeNodeFilterProp: 'title' }}
              treeData={tree(null)}
            />
          </Form.Item>
        )}
        <Form.Item
          name="name"
          label={t('columns.name')}
          rules={[{ required: true, whitespace: true, message: t('form.nameNeeded') }]}
        >
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item
          name="code"
          label={t('columns.code')}
          extra={t('form.codeHint')}
          rules={[
            { required: true, message: t('form.codeNeeded') },
            { pattern: /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,39}$/u, message: t('form.codeWrong') },
          ]}
        >
          <Input maxLength={40} spellCheck={false} />
        </Form.Item>
        {kind === 'hall' ? (
          <>
            <Form.Item name="address" label={t('form.address')}>
              <Input maxLength={300} />
            </Form.Item>
            <Form.Item name="timeZone" label={t('form.timeZone')} required>
              <Select showSearch options={zones} />
            </Form.Item>
          </>
        ) : null}
        <FormProblem error={save.error} form={form} />
      </Form>
    </Modal>
  );
}
