/** The options of a panel as the edit pane draws them: by category, where they are to be shown. */
import {
  PluginContextProvider,
  PanelOptionsEditorBuilder,
  type PanelOptionsEditorItem,
  type PanelPlugin,
} from '@grafana/data';
import { Field, FieldSet } from '@grafana/ui';
import { useState, type ReactElement } from 'react';
import { noteOptions } from './data-source';
import { loadPlugin } from './modules';

export interface PanelOptionsRequest {
  pluginId: string;
  theme: 'light' | 'dark';
  /** As a dashboard stored them; what is absent has its default. */
  options?: Record<string, unknown>;
}

type Options = Record<string, unknown>;

export async function panelOptionsElement(request: PanelOptionsRequest): Promise<ReactElement> {
  const plugin = await loadPlugin<PanelPlugin>(request.pluginId);
  const builder = new PanelOptionsEditorBuilder<Options>();
  plugin.getPanelOptionsSupplier()(builder, { data: [] });
  const items = builder.getItems();
  const stored: Options = { ...plugin.defaults, ...request.options };
  noteOptions(stored);
  function Held(): ReactElement {
    const [options, setOptions] = useState(stored);
    const change = (changed: Options): void => {
      noteOptions(changed);
      setOptions(changed);
    };
    const categories = [...new Set(items.map(({ category = [''] }) => category[0] ?? ''))];
    return (
      <div style={{ width: 320 }}>
        {categories.map((category) => (
          <FieldSet key={category} label={category}>
            {items
              .filter((item) => item.category?.[0] === category)
              .filter(({ showIf }) => showIf === undefined || showIf(options) !== false)
              .map((item) => (
                <Option key={item.id} {...{ item, options, change }} />
              ))}
          </FieldSet>
        ))}
      </div>
    );
  }
  return (
    <PluginContextProvider meta={plugin.meta}>
      <Held />
    </PluginContextProvider>
  );
}

function Option({
  item,
  options,
  change,
}: {
  item: PanelOptionsEditorItem;
  options: Options;
  change: (options: Options) => void;
}): ReactElement {
  const Editor = item.editor;
  return (
    <Field label={item.name} description={item.description} htmlFor={item.id}>
      <Editor
        id={item.id}
        value={options[item.path]}
        item={item}
        context={{ data: [], options }}
        onChange={(value: unknown) => change({ ...options, [item.path]: value })}
      />
    </Field>
  );
}
