'use strict';
(() => {
  const figures = JSON.parse(document.getElementById('figures').textContent);
  const root = document.documentElement;
  const main = document.getElementById('main');
  const charts = [];

  // ---- words and numbers

  const whole = new Intl.NumberFormat('en');
  const number = (value, digits = 0) =>
    digits ? value.toLocaleString('en', {minimumFractionDigits: digits, maximumFractionDigits: digits}) : whole.format(value);
  const share = (part, all) => (all ? (100 * part / all).toFixed(part && part < all / 100 ? 2 : 1) + ' %' : '–');
  const dollars = (usd) => '$' + number(usd, usd && usd < 1 ? 4 : 2);
  // what nobody knows the price of does not count as given away
  const isPriced = (s) => s.usd > 0 || s.unpriced < s.ok;
  const short = (value) => (value >= 1e6 ? number(value / 1e6, 1) + 'M' : value >= 1e4 ? Math.round(value / 1e3) + 'k' : number(value));
  const time = (seconds) => new Date(1000 * seconds).toISOString().slice(0, 19).replace('T', ' ');
  const language = (code) => {
    if (!/^[a-z]{3}$/.test(code)) {
      return code;
    }
    try {
      const name = new Intl.DisplayNames(['en'], {type: 'language'}).of(code);
      return name === code ? code : name + ' (' + code + ')';
    } catch (e) {
      return code;
    }
  };

  // ---- elements; what comes from the data is only ever put in as text

  const el = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };

  const section = (id, title, says, ...children) => {
    const nav = document.getElementById('sections');
    nav.append(el('li', {}, el('a', {href: '#' + id}, title)));
    main.append(el('section', {id, 'aria-labelledby': id + '-title'}, el('h2', {id: id + '-title'}, title),
      says ? el('p', {class: 'says'}, says) : null, ...children));
  };

  const absent = (id, title, why) =>
    section(id, title, null, el('p', {class: 'note'}, figures.notes[id] || why));

  // numbers: columns from `from` on are right-aligned
  const table = (label, head, rows, from = 1) => {
    const cell = (tag, value, column) => el(tag, column >= from ? {class: 'n'} : {}, String(value));
    return el('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label}, el('table', {},
      el('thead', {}, el('tr', {}, ...head.map((name, i) => {
        const th = cell('th', name, i);
        th.scope = 'col';
        return th;
      }))),
      el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map((value, i) => {
        const td = cell(i === 0 ? 'th' : 'td', value, i);
        if (i === 0) {
          td.scope = 'row';
        }
        return td;
      }))))));
  };

  // a chart with what it shows in words, and its numbers
  const chart = (title, size, label, option, head, rows, from) => {
    const node = el('div', {class: 'chart ' + size, role: 'img', 'aria-label': label});
    charts.push({node, option, drawn: null});
    return el('div', {class: 'card'}, el('h3', {}, title), node,
      el('details', {}, el('summary', {}, 'Numbers'), table(title, head, rows, from)));
  };

  // ---- how charts look

  const css = (name) => getComputedStyle(root).getPropertyValue('--' + name).trim();
  const looks = () => ({
    ink: css('ink'), soft: css('soft'), line: css('line'), card: css('card'),
    colors: [1, 2, 3, 4, 5, 6, 7, 8].map((i) => css('c' + i)),
  });

  const based = (look, option) => ({
    animation: false,
    color: look.colors,
    textStyle: {color: look.ink, fontFamily: getComputedStyle(document.body).fontFamily},
    tooltip: {
      renderMode: 'richText', trigger: 'axis', axisPointer: {type: 'shadow'}, confine: true, backgroundColor: look.card,
      borderColor: look.line, textStyle: {color: look.ink},
    },
    grid: {left: 8, right: 16, top: 36, bottom: 8, containLabel: true},
    ...option,
  });

  const axis = (look, type, more) => ({
    type, axisLine: {lineStyle: {color: look.line}}, axisTick: {show: false}, axisLabel: {color: look.soft, hideOverlap: true},
    nameTextStyle: {color: look.soft}, splitLine: {show: type === 'value', lineStyle: {color: look.line}}, ...more,
  });

  const legend = (look, more) => ({textStyle: {color: look.ink}, type: 'scroll', pageTextStyle: {color: look.soft},
    pageIconColor: look.ink, top: 0, left: 0, ...more});

  const bars = (counts, all) => (look, narrow) => {
    const shown = [...counts].reverse();
    return based(look, {
      grid: {left: 8, right: narrow ? 72 : 110, top: 8, bottom: 8, containLabel: true},
      xAxis: axis(look, 'value', {show: false}),
      yAxis: axis(look, 'category', {data: shown.map((c) => c.name), axisLabel: {color: look.ink, width: narrow ? 110 : 210,
        overflow: 'truncate'}}),
      series: [{type: 'bar', barMaxWidth: 22, data: shown.map((c) => c.count), label: {show: true, position: 'right',
        color: look.ink, formatter: (p) => number(p.value) + (all ? '  ' + share(p.value, all) : '')}}],
    });
  };

  const size = (counts) => (counts.length > 9 ? 'tall' : counts.length < 5 ? 'low' : '');

  const draw = () => {
    const look = looks();
    for (const entry of charts) {
      const narrow = entry.node.clientWidth < 520;
      entry.drawn = entry.drawn || echarts.init(entry.node, null, {renderer: 'svg'});
      entry.drawn.resize();
      entry.drawn.setOption(entry.option(look, narrow), true);
      // of each chart's ground; an id is one element's
      entry.node.querySelectorAll('svg [id="0"]').forEach((ground) => ground.removeAttribute('id'));
    }
  };

  // ---- sections

  const overview = () => {
    const {head, statistics, funnel, spend} = figures;
    const count = (name) => (funnel.find((c) => c.name === name) || {count: 0}).count;
    const usd = spend.reduce((sum, s) => sum + s.usd, 0);
    const tokens = spend.reduce((sum, s) => sum + s.promptTokens + s.completionTokens, 0);
    const tile = (value, name) => el('div', {class: 'tile'}, el('b', {}, value), el('span', {}, name));
    document.getElementById('what').textContent =
      [head.recipe, head.model, head.state].filter((word) => word).join(' · ');
    document.getElementById('foot').append(
      el('p', {}, 'Run ' + head.path + (head.identity ? ', identity ' + head.identity : '') + '. Made by ' + head.madeBy
        + '; report written ' + head.writtenAt + '.'),
      el('p', {}, 'Each figure is a query over the run’s tables; cria sql answers the same. Charts by Apache ECharts, '
        + 'Apache License 2.0; parts of speech and languages by Apache OpenNLP, Apache License 2.0.'));
    const tiles = el('div', {class: 'tiles'},
      tile(number(count('examples')), 'examples'),
      tile(number(count('kept candidates')), 'instructions kept'),
      tile(share(count('kept candidates'), count('candidates')), 'of candidates kept'),
      tile(short(tokens), 'tokens'),
      spend.some((s) => s.unpriced) && !spend.some(isPriced)
        ? tile('–', 'spent: no price is known')
        : tile(dollars(usd), spend.some((s) => s.unpriced) ? 'spent, some answers unpriced' : 'spent'));
    if (!statistics) {
      section('overview', 'Overview', null, tiles, el('p', {class: 'note'}, 'The run has no examples yet.'));
      return;
    }
    const rows = [
      ['instructions', number(statistics.instructions)],
      ['– classification', number(statistics.classification)],
      ['– other', number(statistics.instructions - statistics.classification)],
      ['instances', number(statistics.instances)],
      ['– with empty input', number(statistics.emptyInputs)],
      ['mean instruction length (words)', number(statistics.instructionWords, 1)],
      ['mean non-empty input length (words)', number(statistics.inputWords, 1)],
      ['mean output length (words)', number(statistics.outputWords, 1)],
    ];
    const classes = [{name: 'classification', value: statistics.classification},
      {name: 'other', value: statistics.instructions - statistics.classification}];
    const paper = el('div', {class: 'card'}, el('h3', {}, 'Statistics of the examples, as in the paper’s Table 1'),
      table('Statistics', ['of the examples', ''], rows));
    if (!statistics.classification) { // of a recipe that does not ask
      section('overview', 'Overview', null, tiles, paper);
      return;
    }
    section('overview', 'Overview', null, tiles, el('div', {class: 'grid'}, paper,
      chart('Classification tasks', '', share(statistics.classification, statistics.instructions)
        + ' of the instructions are classification tasks', (look) => based(look, {
        tooltip: {renderMode: 'richText', trigger: 'item', confine: true, backgroundColor: look.card, borderColor: look.line,
          textStyle: {color: look.ink}},
        legend: legend(look, {orient: 'vertical', formatter: (name) => {
          const {value} = classes.find((c) => c.name === name);
          return name + '  ' + number(value) + ', ' + share(value, statistics.instructions);
        }}),
        series: [{type: 'pie', radius: ['44%', '68%'], center: ['50%', '58%'], data: classes, label: {show: false},
          itemStyle: {borderColor: look.card, borderWidth: 2}}],
      }), ['instructions', 'count'], classes.map((c) => [c.name, number(c.value)]))));
  };

  const rounds = () => {
    const {funnel} = figures;
    const {width, rows} = figures.rounds;
    if (!funnel.length) {
      absent('rounds', 'Rounds', 'The run has asked for nothing yet.');
      return;
    }
    const name = (r) => (width > 1 ? r.round + '–' + (r.round + width - 1) : String(r.round));
    const totals = figures.reasons.slice(0, 5).map((c) => c.name);
    const parts = [['kept', (r) => r.kept], ...totals.map((reason) => [reason, (r) => r.reasons[reason] || 0])];
    if (figures.reasons.length > totals.length) {
      parts.push(['other reasons', (r) => Object.entries(r.reasons)
        .filter(([reason]) => reason !== 'kept' && !totals.includes(reason)).reduce((sum, [, n]) => sum + n, 0)]);
    }
    section('rounds', 'Rounds', 'From requests to examples: what each step left over. Candidates are all that was parsed from '
      + 'answers, and the requests that brought none.',
      el('div', {class: 'grid'},
        chart('Funnel', '', 'From ' + funnel.map((c) => number(c.count) + ' ' + c.name).join(', '), bars(funnel),
          ['step', 'count', 'of the step before'],
          funnel.map((c, i) => [c.name, number(c.count), i ? share(c.count, funnel[i - 1].count) : ''])),
        chart(width > 1 ? 'Candidates, ' + width + ' rounds a bar' : 'Candidates by round', '',
          'Candidates of ' + rows.length + ' rounds by what became of them', (look) => based(look, {
            legend: legend(look),
            xAxis: axis(look, 'category', {data: rows.map(name)}),
            yAxis: axis(look, 'value', {axisLabel: {color: look.soft, formatter: short}}),
            series: parts.map(([label, value], i) => ({name: label, type: 'bar', stack: 'all', barMaxWidth: 44,
              color: i === 0 ? look.colors[2] : look.colors[[1, 3, 4, 5, 7, 6][i - 1]], data: rows.map(value)})),
          }), ['round', 'requests', 'candidates', 'kept', 'kept instances', 'examples'],
          rows.map((r) => [name(r), number(r.requests), number(r.candidates), number(r.kept), number(r.instances),
            number(r.examples)]))));
  };

  const reasons = () => {
    const {reasons: candidates, instanceReasons: instances} = figures;
    const card = (title, counts) => {
      const all = counts.reduce((sum, c) => sum + c.count, 0);
      return counts.length ? chart(title, size(counts), number(all) + ' by reason, most by ' + counts[0].name,
        bars(counts, all), ['reason', 'count', 'share'], counts.map((c) => [c.name, number(c.count), share(c.count, all)])) : null;
    };
    if (!candidates.length && !instances.length) {
      absent('reasons', 'Reasons', 'Nothing was rejected.');
      return;
    }
    section('reasons', 'Reasons', 'Why a text was not kept; each stays in its table with its reason.',
      el('div', {class: 'grid'}, card('Rejected candidates', candidates), card('Dropped instances', instances)));
  };

  const spend = () => {
    const {spend: stages, time: {seconds, bins}} = figures;
    if (!stages.length) {
      absent('spend', 'Spend', 'The ledger is empty.');
      return;
    }
    const perMinute = (value) => value * 60 / seconds;
    const paid = bins.some((b) => b.usd > 0);
    let sum = 0;
    const sums = bins.map((b) => [1000 * b.at, sum += paid ? b.usd : b.tokens]);
    const span = {xAxis: (look) => axis(look, 'time', {axisLabel: {color: look.soft, hideOverlap: true}})};
    const heads = ['from (UTC)', 'attempts', 'failed', 'tokens', 'USD'];
    const rows = bins.map((b) => [time(b.at), number(b.attempts), number(b.failed), number(b.tokens), dollars(b.usd)]);
    section('spend', 'Spend and rate', 'All lines of the ledger, lost attempts included. Times are UTC.',
      el('div', {class: 'grid'},
        chart('Attempts a minute', '', 'Attempts a minute over time', (look) => based(look, {
          useUTC: true, legend: legend(look), xAxis: span.xAxis(look), yAxis: axis(look, 'value'),
          series: [['answered', (b) => b.attempts - b.failed, 0], ['failed', (b) => b.failed, 4]].map(([name, value, color]) => ({
            name, type: 'bar', stack: 'all', barMaxWidth: 16, color: look.colors[color],
            data: bins.map((b) => [1000 * b.at, +perMinute(value(b)).toFixed(2)])})),
        }), heads, rows),
        chart(paid ? 'US dollars, summed up' : 'Tokens, summed up', '', paid ? 'Spend over time' : 'Tokens over time',
          (look) => based(look, {
            useUTC: true, xAxis: span.xAxis(look), yAxis: axis(look, 'value', {axisLabel: {color: look.soft,
              formatter: paid ? (v) => '$' + v : short}}),
            series: [{name: paid ? 'USD' : 'tokens', type: 'line', step: 'end', showSymbol: bins.length < 2, areaStyle: {opacity: .15},
              data: sums}],
          }), heads, rows),
        el('div', {class: 'card wide'}, el('h3', {}, 'By stage'),
          table('Spend by stage', ['stage', 'attempts', 'answered', 'tokens sent', 'generated', 'USD', 'unpriced'],
            stages.map((s) => [s.stage, number(s.attempts), number(s.ok), number(s.promptTokens), number(s.completionTokens),
              s.unpriced && !isPriced(s) ? '–' : dollars(s.usd), number(s.unpriced)])))));
  };

  const bin = (histogram, i, digits) => {
    const from = (i * histogram.width).toFixed(digits);
    return i === histogram.counts.length - 1 && !digits ? from + ' and more'
      : from + '–' + ((i + 1) * histogram.width - (digits ? 0 : 1)).toFixed(digits);
  };

  const likeness = () => {
    const {likeness: histograms} = figures;
    if (!histograms.length) {
      absent('likeness', 'Likeness', 'No instruction is kept yet.');
      return;
    }
    const labels = histograms[0].counts.map((n, i) => bin(histograms[0], i, 2));
    section('likeness', 'Likeness', 'ROUGE-L F of each kept instruction with the one that is most alike: among the seed tasks, '
      + 'and among all other kept instructions. The less, the more of its own.', el('div', {class: 'grid'},
      ...histograms.map((h, at) => chart('Most alike of the ' + h.name, '', 'Mean ' + h.mean.toFixed(2), (look) => based(look, {
        grid: {left: 8, right: 16, top: 28, bottom: 26, containLabel: true},
        xAxis: axis(look, 'category', {data: labels.map((l) => l.slice(0, 4)), name: 'ROUGE-L F', nameLocation: 'middle', nameGap: 28}),
        yAxis: axis(look, 'value', {axisLabel: {color: look.soft, formatter: short}}),
        series: [{name: 'instructions', type: 'bar', barCategoryGap: '8%', color: look.colors[at], data: h.counts}],
      }), ['ROUGE-L F (mean ' + h.mean.toFixed(3) + ')', 'instructions'], h.counts.map((n, i) => [labels[i], number(n)])))));
  };

  const lengths = () => {
    const {lengths: histograms} = figures;
    if (!histograms.length) {
      absent('lengths', 'Lengths', 'The run has no examples yet.');
      return;
    }
    section('lengths', 'Lengths', 'In words, between white space. The last bar has all that is longer.', el('div', {class: 'grid'},
      ...histograms.map((h, at) => chart('Words of an ' + h.name, 'low', 'Mean ' + h.mean.toFixed(1) + ' words', (look) => based(look, {
        grid: {left: 8, right: 16, top: 12, bottom: 8, containLabel: true},
        xAxis: axis(look, 'category', {data: h.counts.map((n, i) => i * h.width + (i === h.counts.length - 1 ? '+' : ''))}),
        yAxis: axis(look, 'value', {axisLabel: {color: look.soft, formatter: short}}),
        series: [{name: 'texts', type: 'bar', barCategoryGap: '8%', color: look.colors[at], data: h.counts}],
      }), ['words (mean ' + h.mean.toFixed(1) + ')', 'texts'], h.counts.map((n, i) => [bin(h, i, 0), number(n)])))));
  };

  const verbs = () => {
    const {verbs: {instructions, withNoun, shown, top}} = figures;
    if (!top.length) {
      absent('verbs', 'Verbs and nouns', instructions ? 'No English verb with an object was found.' : 'No instruction is kept yet.');
      return;
    }
    section('verbs', 'Verbs and nouns', 'The ' + top.length + ' most frequent verbs with the nouns they are most often about. '
      + 'Verb and object were found in ' + number(withNoun) + ' of ' + number(instructions) + ' instructions (English ones); the '
      + 'figure shows ' + number(shown) + ' of them. An approximation: parts of speech and a plain rule stand for the paper’s parser.',
      chart('What is asked for', 'tall', 'Most frequent: ' + top.slice(0, 3).map((v) => v.verb + ' ' + v.nouns[0].name).join(', '),
        (look, narrow) => based(look, {
          tooltip: {renderMode: 'richText', trigger: 'item', confine: true, backgroundColor: look.card, borderColor: look.line,
            textStyle: {color: look.ink}, formatter: (p) => (p.treePathInfo.slice(1).map((n) => n.name).join(' ') + ': ' + number(p.value))},
          series: [{
            type: 'sunburst', radius: ['12%', narrow ? '98%' : '96%'], nodeClick: false, sort: undefined, emphasis: {focus: 'ancestor'},
            itemStyle: {borderColor: look.card, borderWidth: 1},
            label: {color: look.card, fontSize: narrow ? 9 : 12, minAngle: narrow ? 6 : 3, overflow: 'truncate', width: narrow ? 56 : 90},
            levels: [{}, {r0: '12%', r: '55%', label: {rotate: 'radial', fontWeight: 600, minAngle: narrow ? 14 : 8}}, {r0: '55%', r: '97%',
              label: {rotate: 'radial'}}],
            data: top.map((v, i) => ({name: v.verb, itemStyle: {color: look.colors[i % look.colors.length]},
              children: v.nouns.map((n) => ({name: n.name, value: n.count, itemStyle: {color: look.colors[i % look.colors.length]}}))})),
          }],
        }), ['verb', 'with a noun', 'nouns'],
        top.map((v) => [v.verb, number(v.count), v.nouns.map((n) => n.name + ' ' + number(n.count)).join(', ')])));
  };

  const languages = () => {
    const counts = figures.languages.map((c) => ({name: language(c.name), count: c.count}));
    if (!counts.length) {
      absent('languages', 'Languages', 'No instruction is kept yet.');
      return;
    }
    const all = counts.reduce((sum, c) => sum + c.count, 0);
    section('languages', 'Languages', 'Of each kept instruction with its first instance, as a detector sees it; it is mistaken now and '
      + 'then, most of all where texts are short.',
      chart('Instructions by language', size(counts), 'Most are in ' + counts[0].name, bars(counts, all),
        ['language', 'instructions', 'share'], counts.map((c) => [c.name, number(c.count), share(c.count, all)])));
  };

  const sample = (s) => {
    const part = (name, text, more) => (text ? [el('p', {class: 'part'}, name), el('p', {class: 'text ' + (more || '')}, text)] : []);
    const near = (name, n) => (n ? [el('dt', {}, name + ', ROUGE-L ' + n.score.toFixed(3)), el('dd', {}, n.instruction),
      el('dd', {}, n.id)] : []);
    const id = (name, value) => (value ? [el('dt', {}, name), el('dd', {}, value)] : []);
    const tags = ['round ' + s.round + ', row ' + s.row + ', item ' + s.item + ', instance ' + s.n,
      s.isClassification ? 'classification' : null, s.finishReason, s.completionTokens ? s.completionTokens + ' tokens' : null,
      s.usd ? dollars(s.usd) : null];
    return el('article', {class: 'card'},
      el('ul', {class: 'tags'}, ...tags.filter((tag) => tag).map((tag) => el('li', {}, tag))),
      ...part('Instruction', s.instruction, 'instruction'), ...part('Input', s.input, 'clip'), ...part('Output', s.output, 'clip'),
      el('details', {}, el('summary', {}, 'Where it comes from'), el('dl', {class: 'ids'},
        ...id('example', s.exampleId), ...id('instance', s.instanceId), ...id('candidate', s.candidateId), ...id('answer', s.answerId),
        ...id('request', s.requestKey), ...id('model', s.model), ...near('most alike seed task', s.seed),
        ...near('most alike other instruction', s.machine))));
  };

  const samples = () => {
    if (!figures.samples.length) {
      absent('samples', 'Samples', 'The run has no examples yet.');
      return;
    }
    const cards = figures.samples.map((s) => ({node: sample(s),
      text: [s.instruction, s.input, s.output, s.exampleId, s.answerId || ''].join('\n').toLowerCase()}));
    const found = el('span', {role: 'status'});
    const input = el('input', {type: 'search', id: 'find', placeholder: 'words or ids'});
    const look = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter((word) => word);
      let shown = 0;
      for (const card of cards) {
        card.node.hidden = !words.every((word) => card.text.includes(word));
        shown += card.node.hidden ? 0 : 1;
      }
      found.textContent = shown + ' of ' + cards.length;
    };
    input.addEventListener('input', look);
    look();
    section('samples', 'Samples', cards.length + ' examples, drawn by the hash of their ids: nobody chose them.',
      el('div', {class: 'find'}, el('label', {for: 'find'}, 'Search'), input, found),
      el('div', {class: 'samples'}, ...cards.map((card) => card.node)));
  };

  const pairs = () => {
    const text = (pieces) => el('p', {class: 'text'}, ...pieces.map((p) => (p.common ? el('mark', {}, p.text) : p.text)));
    const side = (pieces, id) => el('div', {}, text(pieces), el('code', {}, id));
    const list = (title, all) => (all.length ? el('div', {class: 'card wide'}, el('h3', {}, title), ...all.map((p) =>
      el('div', {class: 'pair'}, el('p', {class: 'score'}, 'ROUGE-L ' + p.score.toFixed(3)), side(p.text, p.id), side(p.other, p.otherId)))) : null);
    if (!figures.rejectedPairs.length && !figures.keptPairs.length) {
      absent('pairs', 'Near-duplicates', 'No two texts were found alike.');
      return;
    }
    section('pairs', 'Near-duplicates', 'Marked is what both have in common, in order: the words that ROUGE-L counts.',
      el('div', {class: 'grid'}, list('Rejected as similar to what was accepted before, some of them', figures.rejectedPairs),
        list('The most alike of what was kept', figures.keptPairs)));
  };

  const judged = () => {
    const {verdicts} = figures;
    if (!verdicts.length) {
      absent('judged', 'Judged', 'Nothing of this run was reviewed, evaluated or held against an evaluation set.');
      return;
    }
    const groups = new Map();
    for (const v of verdicts) {
      const key = [v.kind, v.name, v.question, v.rater].join('\n');
      groups.set(key, {...v, said: {...(groups.get(key) || {said: {}}).said, [v.verdict]: v.count}});
    }
    const rows = [...groups.values()];
    const words = [...new Set(verdicts.map((v) => v.verdict))].slice(0, 8);
    const percent = (x) => (100 * x).toFixed(1);
    const interval = (v) => v.interval ? percent(v.interval.low) + '–' + percent(v.interval.high) + ' %' : '';
    const name = (row) => row.name + ', ' + row.question + ', ' + row.rater;
    const color = (look, word, i) => look.colors[{yes: 2, clean: 2, no: 4}[word] ?? [0, 1, 3, 5, 6, 7][i % 6]];
    section('judged', 'Judged', 'Reviews, comparisons and decontamination: verdicts by question and rater.',
      chart('Verdicts', size(rows), rows.length + ' questions and raters', (look, narrow) => based(look, {
        legend: legend(look),
        grid: {left: 8, right: 32, top: 36, bottom: 8, containLabel: true},
        xAxis: axis(look, 'value', {max: 100, axisLabel: {color: look.soft, formatter: '{value} %'}}),
        yAxis: axis(look, 'category', {inverse: true, data: rows.map(name), axisLabel: {color: look.ink, width: narrow ? 130 : 320,
          overflow: 'truncate'}}),
        series: words.map((word, i) => ({name: word, type: 'bar', stack: 'all', barMaxWidth: 22, color: color(look, word, i),
          data: rows.map((row) => +(100 * (row.said[word] || 0) / row.all).toFixed(1))})),
      }), ['judgement', 'kind', 'question', 'rater', 'verdict', 'count', 'share', '95 % interval'],
      verdicts.map((v) => [v.name, v.kind, v.question, v.rater, v.verdict, number(v.count), share(v.count, v.all), interval(v)]), 5));
  };

  const evaluation = () => {
    const {evaluations} = figures;
    if (!evaluations.length) {
      absent('evaluation', 'Evaluation', 'None was named: cria report RUN --evaluation DIR shows what cria evaluate found.');
      return;
    }
    const name = (c) => c.first + ' against ' + c.second + ', ' + c.rater + (c.mode === 'levels' ? ', by levels' : '');
    const all = (c) => c.wins + c.ties + c.losses;
    const percent = (x) => (100 * x).toFixed(1);
    section('evaluation', 'Evaluation', 'Models compared by blind judgement; a tie is half a win.', ...evaluations.map((e) => el('div', {},
      e.compared.length ? chart(e.name, size(e.compared), e.compared.map((c) => c.sentence).join(' '), (look, narrow) => based(look, {
        legend: legend(look),
        grid: {left: 8, right: 32, top: 36, bottom: 8, containLabel: true},
        xAxis: axis(look, 'value', {max: 100, axisLabel: {color: look.soft, formatter: '{value} %'}}),
        yAxis: axis(look, 'category', {inverse: true, data: e.compared.map(name), axisLabel: {color: look.ink, width: narrow ? 130 : 320,
          overflow: 'truncate'}}),
        series: [['first better', 'wins', 2], ['tie', 'ties', 6], ['second better', 'losses', 1]].map(([word, key, color]) => ({
          name: word, type: 'bar', stack: 'all', barMaxWidth: 22, color: look.colors[color],
          data: e.compared.map((c) => (all(c) ? +(100 * c[key] / all(c)).toFixed(1) : 0))})),
      }), ['rater', 'by', 'first', 'second', 'first better', 'tie', 'second better', 'win rate', '95 % interval', 'p'],
      e.compared.map((c) => [c.rater, c.mode, c.first, c.second, number(c.wins), number(c.ties), number(c.losses), percent(c.winRate) + ' %',
        percent(c.interval.low) + '–' + percent(c.interval.high) + ' %', c.p < 0.001 ? c.p.toExponential(1) : c.p.toFixed(3)]), 4)
        : el('h3', {}, e.name),
      el('ul', {class: 'plain'}, ...e.compared.map((c) => el('li', {}, c.sentence))),
      el('details', {}, el('summary', {}, 'The whole report of ' + e.name),
        el('pre', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Report of ' + e.name}, e.text)))));
  };

  const moderation = () => {
    const m = figures.moderation;
    if (!m) {
      absent('moderation', 'Moderation', 'This run was not moderated.');
      return;
    }
    const tile = (value, name) => el('div', {class: 'tile'}, el('b', {}, value), el('span', {}, name));
    const card = (title, counts) => (counts.length ? chart(title, size(counts), title + ': ' + counts.map((c) => c.name + ' ' + c.count).join(', '),
      bars(counts, m.rows), ['kind', 'instances', 'share'], counts.map((c) => [c.name, number(c.count), share(c.count, m.rows)])) : null);
    section('moderation', 'Moderation', 'Of kept instances, one by one.',
      el('div', {class: 'tiles'}, tile(number(m.rows), 'looked at'), tile(number(m.flagged), 'flagged, ' + share(m.flagged, m.rows)),
        tile(number(m.personal), 'with what looks personal, ' + share(m.personal, m.rows))),
      el('div', {class: 'grid'}, card('Flagged, by category', m.categories), card('What looks personal, by kind', m.kinds)));
  };

  const training = () => {
    const {training: curves} = figures;
    if (!curves.length) {
      absent('training', 'Training', 'Nothing was trained on this run.');
      return;
    }
    section('training', 'Training', null, el('div', {class: 'grid'}, ...curves.map((curve) => {
      const line = (name, key, more) => ({name, type: 'line', connectNulls: true, showSymbol: key === 'evaluationLoss',
        data: curve.points.filter((p) => p[key] !== null).map((p) => [p.step, p[key]]), ...more});
      return chart(curve.name, '', 'Loss over ' + curve.points[curve.points.length - 1].step + ' steps', (look) => based(look, {
        legend: legend(look),
        grid: {left: 8, right: 20, top: 36, bottom: 26, containLabel: true},
        xAxis: axis(look, 'value', {name: 'step', nameLocation: 'middle', nameGap: 26, splitLine: {show: false}}),
        yAxis: axis(look, 'value', {scale: true, name: ''}),
        series: [line('loss', 'loss'), line('evaluation loss', 'evaluationLoss')],
      }), ['step' + (curve.width > 1 ? ' (means over ' + curve.width + ')' : ''), 'loss', 'evaluation loss', 'learning rate'],
      curve.points.map((p) => [number(p.step), p.loss === null ? '' : p.loss.toFixed(4),
        p.evaluationLoss === null ? '' : p.evaluationLoss.toFixed(4), p.lr === null ? '' : p.lr.toExponential(2)]));
    })));
  };

  // ---- light and dark

  const dark = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches);
  const button = document.getElementById('theme');
  const named = () => {
    button.textContent = isDark() ? 'Light' : 'Dark';
    button.setAttribute('aria-label', 'Show this page ' + (isDark() ? 'light' : 'dark'));
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    named();
    draw();
  });
  dark.addEventListener('change', () => {
    named();
    draw();
  });
  let before;
  addEventListener('beforeprint', () => {
    before = root.dataset.theme;
    root.dataset.theme = 'light';
    draw();
  });
  addEventListener('afterprint', () => {
    if (before) {
      root.dataset.theme = before;
    } else {
      delete root.dataset.theme;
    }
    draw();
  });

  [overview, rounds, reasons, spend, likeness, lengths, verbs, languages, samples, pairs, judged, evaluation, moderation, training]
    .forEach((make) => make());
  named();
  draw();
  let width = main.clientWidth;
  new ResizeObserver(() => {
    if (main.clientWidth !== width) {
      width = main.clientWidth;
      draw();
    }
  }).observe(main);
})();
