import { Button, Dropdown, type MenuProps } from 'antd';
import { Icon } from './icons.js';
import { useSaveLink } from './use-save-link.js';

interface FileMenuProps {
  label: string;
  files: readonly { key: string; label: string; href: string }[];
}

/** A menu leaves the links in it alone when Enter is pressed: then it is pressed for it. */
const pressLink: MenuProps['onClick'] = ({ domEvent }) => {
  if (domEvent.type === 'keydown') domEvent.currentTarget.querySelector('a')?.click();
};

/** Files to choose one of; the browser saves it while it is made. */
export function FileMenu({ label, files }: FileMenuProps) {
  const onSave = useSaveLink();
  return (
    <Dropdown
      trigger={['click']}
      autoFocus
      menu={{
        onClick: pressLink,
        items: files.map(({ key, label: name, href }) => ({
          key,
          label: (
            <a href={href} download onClick={onSave}>
              {name}
            </a>
          ),
        })),
      }}
    >
      <Button icon={<Icon name="export" size={16} />}>{label}</Button>
    </Dropdown>
  );
}
