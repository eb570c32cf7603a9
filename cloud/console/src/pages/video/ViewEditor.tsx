import { uuidv7 } from '@hallhub/shared/ids';
import {
  experimentalAlgorithms,
  maxRulesOfView,
  type VisionAlgorithm,
  type VisionRule,
  visionAlgorithms,
} from '@hallhub/shared/vision';
import { useQuery } from '@tanstack/react-query';
import { Button, Dropdown, Input, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CameraSetUp, type CameraView, templatesQuery } from '../../api/vision.js';
import { Icon } from '../../ui/icons.js';
import { Empty } from '../../ui/states.js';
import { PresetField } from './cameras/PresetField.js';
import { newRule } from './new-rule.js';
import { RuleForm } from './RuleForm.js';
import { shapeOf } from './rule-fields.js';
import { TemplateDialog } from './TemplateDialog.js';
import { useAlgorithmName } from './use-algorithm-name.js';
import { ViewDrawing } from './ViewDrawing.js';

interface ViewEditorProps {
  camera: CameraSetUp;
  view: CameraView;
  severalViews: boolean;
  /** By the camera's other views. */
  takenPresets: readonly string[];
  readOnly: boolean;
  onChange: (part: Partial<CameraView>, tag?: string) => void;
  onRemove: () => void;
}

/** One view: its picture with zones and lines, its name, its rules. */
export function ViewEditor({
  camera,
  view,
  severalViews,
  takenPresets,
  readOnly,
  onChange,
  onRemove,
}: ViewEditorProps) {
  const { t } = useTranslation(['video', 'cameras']);
  const algorithm = useAlgorithmName();
  const templates = useQuery(templatesQuery);
  const [ruleId, setRuleId] = useState(view.rules[0]?.id);
  const [keeps, setKeeps] = useState(false);
  const rule = view.rules.find(({ id }) => id === ruleId);
  const setRules = (rules: VisionRule[], tag?: string) => onChange({ rules }, tag);
  const changeRule = (id: string, part: Record<string, unknown>, tag?: string) =>
    setRules(
      view.rules.map((one) => (one.id === id ? clean({ ...one, ...part }) : one)),
      tag,
    );
  const duplicate = (one: VisionRule) => {
    const copy = { ...one, id: uuidv7(), name: t('cameras:rule.copyName', { name: one.name }).slice(0, 100) };
    const at = view.rules.findIndex(({ id }) => id === one.id) + 1;
    setRules([...view.rules.slice(0, at), copy, ...view.rules.slice(at)]);
    setRuleId(copy.id);
  };
  const add = (made: VisionRule[]) => {
    setRules([...view.rules, ...made]);
    setRuleId(made[0]?.id);
  };
  const addOne = (kind: VisionAlgorithm) => add([newRule(kind, algorithm(kind))]);
  const used = templates.data?.items ?? [];
  return (
    <div className="view-editor">
      <div className="view-left">
        <ViewDrawing
          camera={camera}
          view={view}
          ruleId={ruleId}
          readOnly={readOnly}
          onActivate={setRuleId}
          onDraw={(id, kind, points, tag) => changeRule(id, { [kind]: points.length === 0 ? undefined : points }, tag)}
        />
        {rule && shapeOf(rule.algorithm).kind !== 'none' && !readOnly ? (
          <p className="small faint">{t(`draw.hint.${shapeOf(rule.algorithm).kind as 'zone'}`)}</p>
        ) : null}
        <div className="row row-wrap view-name">
          <Input
            value={view.name}
            maxLength={100}
            disabled={readOnly}
            aria-label={t('view.name')}
            onChange={({ target }) => onChange({ name: target.value })}
          />
          {severalViews ? (
            <PresetField
              deviceId={camera.deviceId}
              value={view.preset}
              taken={takenPresets}
              readOnly={readOnly}
              onChange={(preset) => onChange(preset === undefined ? withoutPreset(view) : { preset })}
            />
          ) : null}
          {readOnly ? null : (
            <Button danger type="text" onClick={onRemove}>
              {t('view.remove')}
            </Button>
          )}
        </div>
      </div>
      <div className="view-right">
        <div className="row rules-head">
          <h2 className="grow">{t('rule.all', { used: view.rules.length, most: maxRulesOfView })}</h2>
          {readOnly ? null : (
            <>
              {view.rules.length > 0 ? (
                <Button size="small" type="text" onClick={() => setKeeps(true)}>
                  {t('template.keep')}
                </Button>
              ) : null}
              <Dropdown
                trigger={['click']}
                disabled={view.rules.length >= maxRulesOfView}
                menu={{
                  className: 'rule-menu',
                  items: [
                    ...(used.length > 0
                      ? [
                          {
                            key: 'templates',
                            type: 'group' as const,
                            label: t('template.all'),
                            children: used.map((one) => ({
                              key: one.id,
                              label: one.name,
                              onClick: () =>
                                add(
                                  one.rules
                                    .slice(0, maxRulesOfView - view.rules.length)
                                    .map((each) => ({ ...each, id: uuidv7() })),
                                ),
                            })),
                          },
                        ]
                      : []),
                    {
                      key: 'algorithms',
                      type: 'group' as const,
                      label: t('rule.watchFor'),
                      children: visionAlgorithms.map((kind) => ({
                        key: kind,
                        label: experimentalAlgorithms.has(kind) ? (
                          <>
                            {algorithm(kind)} <span className="faint small">{t('experimental')}</span>
                          </>
                        ) : (
                          algorithm(kind)
                        ),
                        onClick: () => addOne(kind),
                      })),
                    },
                  ],
                }}
              >
                <Button size="small" icon={<Icon name="plus" size={14} />}>
                  {t('rule.add')}
                </Button>
              </Dropdown>
            </>
          )}
        </div>
        {view.rules.length === 0 ? <Empty title={t('rule.none')} hint={t('rule.noneHint')} /> : null}
        <ul className="rules">
          {view.rules.map((one) => (
            <li key={one.id} className={one.id === ruleId ? 'rule is-open' : 'rule'}>
              <div className="row rule-line">
                <button
                  type="button"
                  className="rule-open grow"
                  aria-expanded={one.id === ruleId}
                  onClick={() => setRuleId(one.id === ruleId ? undefined : one.id)}
                >
                  <span className={one.enabled ? 'clip' : 'clip faint'}>{one.name || algorithm(one.algorithm)}</span>
                  <span className="small faint clip">
                    {algorithm(one.algorithm)}
                    {experimentalAlgorithms.has(one.algorithm) ? ` · ${t('experimental')}` : null}
                  </span>
                </button>
                <Switch
                  size="small"
                  checked={one.enabled}
                  disabled={readOnly}
                  aria-label={t('rule.enabled', { rule: one.name })}
                  onChange={(enabled) => changeRule(one.id, { enabled })}
                />
                {readOnly || view.rules.length >= maxRulesOfView ? null : (
                  <Button
                    type="text"
                    size="small"
                    icon={<Icon name="copy" size={14} />}
                    aria-label={t('cameras:rule.duplicate', { rule: one.name })}
                    title={t('cameras:rule.duplicate', { rule: one.name })}
                    onClick={() => duplicate(one)}
                  />
                )}
                {readOnly ? null : (
                  <Button
                    type="text"
                    size="small"
                    icon={<Icon name="close" size={14} />}
                    aria-label={t('rule.remove', { rule: one.name })}
                    onClick={() => setRules(view.rules.filter(({ id }) => id !== one.id))}
                  />
                )}
              </div>
              {one.id === ruleId ? (
                <RuleForm
                  rule={one}
                  unitId={camera.unitId}
                  readOnly={readOnly}
                  others={view.rules.filter(({ id }) => id !== one.id)}
                  onChange={(part) => changeRule(one.id, part, `form ${one.id} ${Object.keys(part).join()}`)}
                />
              ) : null}
            </li>
          ))}
        </ul>
      </div>
      {keeps ? <TemplateDialog rules={view.rules} onClose={() => setKeeps(false)} /> : null}
    </div>
  );
}

/** What was emptied is left out: the contract knows no `undefined`. */
const clean = (rule: Record<string, unknown>): VisionRule =>
  Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined)) as unknown as VisionRule;

const withoutPreset = ({ id, name, rules }: CameraView): Partial<CameraView> => ({
  id,
  name,
  rules,
  preset: undefined,
});
