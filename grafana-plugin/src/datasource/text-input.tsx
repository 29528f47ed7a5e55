/** A text field that asks when it is left or by Enter, not at every key. */
import { Input } from '@grafana/ui';
import { useState } from 'react';

interface TextInputProps {
  id: string;
  value: string;
  placeholder: string;
  type?: 'number';
  /** In units of 8 px. */
  width?: number;
  onCommit: (value: string) => void;
}

/** Begins anew with every other value from outside. */
export function TextInput(props: TextInputProps) {
  return <Draft key={props.value} {...props} />;
}

function Draft({ value, onCommit, width = 32, ...rest }: TextInputProps) {
  const [text, setText] = useState(value);
  const commit = () => {
    if (text.trim() !== value) {
      onCommit(text.trim());
    }
  };
  return (
    <Input
      {...rest}
      width={width}
      value={text}
      spellCheck={false}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') {
          commit();
        }
      }}
    />
  );
}
