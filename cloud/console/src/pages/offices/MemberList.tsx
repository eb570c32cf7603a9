import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Checkbox, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Listing } from '../../api/listing.js';
import { type Office, type OfficeMember, officesQuery, setMembers } from '../../api/offices.js';
import type { User } from '../../api/people.js';
import { get } from '../../api/request.js';
import { useRights } from '../../app/session.js';
import { Icon } from '../../ui/icons.js';
import { FormProblem } from '../parts/FormProblem.js';

const skillPattern = /^[a-z][a-z0-9_]{0,47}$/;

/** People to choose from, by what is typed. */
export function usePeople(text: string) {
  const may = useRights();
  return useQuery({
    queryKey: ['users', 'choice', text],
    queryFn: ({ signal }) => get<Listing<User>>('/users', { query: { q: text || undefined, limit: 30 }, signal }),
    enabled: may('user.read'),
    placeholderData: (before) => before,
  });
}

/** Who works there, who leads, what they can do; every change is kept at once. */
export function MemberList({ office, mayWrite }: { office: Office; mayWrite: boolean }) {
  const { t } = useTranslation('offices');
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [noSkill, setNoSkill] = useState<{ userId: string; word: string }>();
  const people = usePeople(text.trim());
  const write = useMutation({
    mutationFn: (members: OfficeMember[]) => setMembers(office, members),
    onSettled: () => void client.invalidateQueries({ queryKey: officesQuery.queryKey }),
  });
  const members = office.members.map(({ userId, isLeader, skills }): OfficeMember => ({ userId, isLeader, skills }));
  const change = (userId: string, patch: Partial<OfficeMember>) =>
    write.mutate(members.map((one) => (one.userId === userId ? { ...one, ...patch } : one)));
  const free = (people.data?.items ?? []).filter(({ id }) => !members.some(({ userId }) => userId === id));
  return (
    <section aria-label={t('people')}>
      <h3 className="soft">{t('people')}</h3>
      {office.members.length === 0 ? <p className="faint small">{t('noPeople')}</p> : null}
      <ul className="office-lines">
        {office.members.map((member) => (
          <li key={member.userId} className="office-line">
            <div className="row">
              <span className={member.active ? 'grow' : 'grow faint'}>{member.name}</span>
              <Checkbox
                disabled={!mayWrite || write.isPending}
                checked={member.isLeader}
                onChange={({ target }) => change(member.userId, { isLeader: target.checked })}
              >
                {t('leads')}
              </Checkbox>
              {mayWrite ? (
                <Button
                  size="small"
                  type="text"
                  aria-label={t('removePerson', { name: member.name })}
                  icon={<Icon name="close" size={14} />}
                  onClick={() => write.mutate(members.filter(({ userId }) => userId !== member.userId))}
                />
              ) : null}
            </div>
            <Select
              mode="tags"
              size="small"
              className="office-wide"
              disabled={!mayWrite || write.isPending}
              value={member.skills}
              placeholder={t('skills')}
              aria-label={t('skillsOf', { name: member.name })}
              onChange={(typed: string[]) => {
                const skills = typed.filter((one) => skillPattern.test(one));
                const word = typed.find((one) => !skillPattern.test(one));
                setNoSkill(word === undefined ? undefined : { userId: member.userId, word });
                if (skills.join() !== member.skills.join()) change(member.userId, { skills });
              }}
            />
            {noSkill?.userId === member.userId ? (
              <p role="alert" className="problem-inline small">
                {t('noSkill', { word: noSkill.word })}
              </p>
            ) : null}
          </li>
        ))}
      </ul>
      {mayWrite ? (
        <Select
          className="office-wide"
          showSearch={{ filterOption: false, onSearch: setText, searchValue: text }}
          value={null}
          placeholder={t('addPerson')}
          aria-label={t('addPerson')}
          loading={write.isPending}
          options={free.map(({ id, displayName, userName }) => ({ value: id, label: `${displayName} · ${userName}` }))}
          onChange={(userId: string | null) => {
            setText('');
            if (userId) write.mutate([...members, { userId, isLeader: false, skills: [] }]);
          }}
        />
      ) : null}
      <FormProblem error={write.error} />
    </section>
  );
}
