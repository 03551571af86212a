#!/usr/bin/env python3
"""Makes tokenizer folders of the kinds that people have, and compares the token ids of dmt with those of transformers.

    scripts/compare_tokenizers.py --seed 1                       # in a checkout that ./dmt has built
    scripts/compare_tokenizers.py --seed 1 --texts 20 --cases java-api/src/test/resources/ai/dmt/tokenizer/folders
Needs Python 3.11 with transformers 5.18, tokenizers, sentencepiece, tiktoken and protobuf. Says for each folder how many texts, prompts, trained chats with their masks and
decoded texts are equal, and the first one that is not; exit code 1 if any differs. dmt's side is scripts/TokenIds.java. With --cases, dmt is not
asked: the folders and what transformers makes of them are written, as the data of FolderTokenizersTest.
"""
import argparse, base64, json, os, pathlib, random, shutil, subprocess, sys, tempfile, warnings
os.environ.update(TRANSFORMERS_VERBOSITY='error', HF_HUB_OFFLINE='1', HF_HUB_DISABLE_PROGRESS_BARS='1', TOKENIZERS_PARALLELISM='false', TIKTOKEN_CACHE_DIR='')
warnings.filterwarnings('ignore')
import sentencepiece, tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORDS = ('the a of and to in is you that it he was for on are with his they at be this have from one had by word but not what all were we when '
         'your can said there use an each which she do how their if will up other about out many then them these so some her would make like him '
         "into time has look two more write go see number no way don't I'll it's Ünïcode été naïve 北京 大学 東京 привет мир 42 1,000 3.14").split()
ODD = ['\n', '\n\n', '  ', '   ', '\t', '\r\n', ' ', '\u00a0', '\u3000', '\u2581', '\u0120', '😀', '👩\u200d👧', 'e\u0301', '\u0000', '\ufb01', '\u212b', 'ﷺ', '<', '>', '|', '[INST]',
       'a' * 30, '=' * 17, '\u0e01\u0e33', '\ufffd', "'s", '123456', '﻿']
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
END = "{% if m['role'] == 'assistant' %}{% generation %}{{ ANSWER }}{% endgeneration %}{% else %}{{ TEXT }}{% endif %}"
def turns(before, text, after, prompt, answer=None): return "{% for m in messages %}" + before + END.replace('ANSWER', answer or text).replace('TEXT', text) + after + "{% endfor %}{% if add_generation_prompt %}{{ " + prompt + " }}{% endif %}"
CHATML = turns("{{ '<|im_start|>' + m['role'] + '\\n' }}", "m['content'] + '<|im_end|>'", "{{ '\\n' }}", r"'<|im_start|>assistant\n'")
INST = "{{ bos_token }}" + turns('', "'[INST] ' + m['content'] + ' [/INST]'", '', "''", "' ' + m['content'] + eos_token")
ROLES = turns("{{ '<|' + m['role'] + '|>\\n' }}", "m['content'] + eos_token", "{{ '\\n' }}", r"'<|assistant|>\n'")
WORDS_ALONE = turns("{{ m['role'] + ': ' }}", r"m['content'] + '\n'", '', "'assistant: '")  # answers join what stands around them


class Maker:
    """Folders of one seed; vocabularies are learnt from its own text."""

    def __init__(self, seed, work):
        self.seed = seed; self.r = random.Random(seed); self.work = work; self.folders = []
        self.corpus = [' '.join(self.r.choice(WORDS) for _ in range(9)).capitalize() + self.r.choice('.!?') for _ in range(400)] + ['system user assistant INST ABC xyz'] * 9

    def text(self):
        return ''.join(self.r.choice(ODD) if self.r.random() < 0.3 else self.r.choice(['', ' ', ' ', ' ']) + self.r.choice(WORDS) for _ in range(self.r.randrange(1, 14)))

    def folder(self, name, files, config=None, **more):
        path = self.work / name; path.mkdir()
        for file, content in files.items():
            if isinstance(content, pathlib.Path): shutil.copy(content, path / file)
            elif isinstance(content, bytes): (path / file).write_bytes(content)
            else: (path / file).write_text(json.dumps(content, ensure_ascii=self.r.random() < 0.5))
        if more.get('chats') and random.Random('%s %s' % (self.seed, name)).random() < 0.3: config = config | {'chat_template': WORDS_ALONE}
        if config is not None: (path / 'tokenizer_config.json').write_text(json.dumps(config))
        (path / 'config.json').write_text(json.dumps({'model_type': 'llama', 'architectures': ['LlamaForCausalLM'], 'vocab_size': 4096, 'bos_token_id': 1, 'eos_token_id': 2}))
        self.folders.append((path, more))

    def pieces(self, **options):
        """A tokenizer.model; its SentencePieceProcessor."""
        prefix = self.work / ('sp%d' % self.r.randrange(10**9)); text = prefix.with_suffix('.txt'); text.write_text('\n'.join(self.corpus))
        o = dict(model_type='bpe', byte_fallback=True, normalization_rule_name='identity', remove_extra_whitespaces=False, character_coverage=0.999, minloglevel=2, num_threads=1, pad_id=-1, vocab_size=self.r.randrange(430, 520))
        sentencepiece.SentencePieceTrainer.train(input=str(text), model_prefix=str(prefix), **(o | options))
        return prefix.with_suffix('.model'), sentencepiece.SentencePieceProcessor(model_file=str(prefix) + '.model')

    def bytes(self, regex=LLAMA3, size=None):
        t = Tokenizer(models.BPE(ignore_merges=regex is not None)); level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=regex is None)
        t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(regex), behavior='isolated'), level]) if regex else level
        t.decoder = decoders.ByteLevel()
        t.train_from_iterator(self.corpus, trainers.BpeTrainer(vocab_size=size or self.r.randrange(350, 480), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
        return t


def added(i, text, special=True, **flags):
    return {'id': i, 'content': text, 'single_word': False, 'lstrip': False, 'rstrip': False, 'normalized': False, 'special': special} | flags


def decoder_entry(e): return {k: v for k, v in e.items() if k != 'id'}


def llama_json(sp):
    """The tokenizer.json that transformers 4 made of a SentencePiece model."""
    n = sp.get_piece_size(); vocab = {sp.id_to_piece(i): i for i in range(n)}; merges = []
    for piece, i in vocab.items():
        if not (sp.is_byte(i) or sp.is_control(i) or sp.is_unknown(i)): merges += [(i, k, piece[:k], piece[k:]) for k in range(1, len(piece)) if piece[:k] in vocab and piece[k:] in vocab]
    bos = {'SpecialToken': {'id': '<s>', 'type_id': 0}}
    return {'version': '1.0', 'truncation': None, 'padding': None, 'added_tokens': [added(i, c) for i, c in enumerate(['<unk>', '<s>', '</s>'])],
            'normalizer': {'type': 'Sequence', 'normalizers': [{'type': 'Prepend', 'prepend': '▁'}, {'type': 'Replace', 'pattern': {'String': ' '}, 'content': '▁'}]}, 'pre_tokenizer': None,
            'post_processor': {'type': 'TemplateProcessing', 'single': [bos, {'Sequence': {'id': 'A', 'type_id': 0}}], 'pair': [bos, {'Sequence': {'id': 'A', 'type_id': 0}}, {'Sequence': {'id': 'B', 'type_id': 1}}], 'special_tokens': {'<s>': {'id': '<s>', 'ids': [1], 'tokens': ['<s>']}}},
            'decoder': {'type': 'Sequence', 'decoders': [{'type': 'Replace', 'pattern': {'String': '▁'}, 'content': ' '}, {'type': 'ByteFallback'}, {'type': 'Fuse'}, {'type': 'Strip', 'content': ' ', 'start': 1, 'stop': 0}]},
            'model': {'type': 'BPE', 'dropout': None, 'unk_token': '<unk>', 'continuing_subword_prefix': None, 'end_of_word_suffix': None, 'fuse_unk': True, 'byte_fallback': True, 'ignore_merges': False, 'vocab': vocab, 'merges': [a + ' ' + b for *_, a, b in sorted(merges)]}}


def llama_config(new=(), **more):
    tokens = [added(i, c) for i, c in enumerate(['<unk>', '<s>', '</s>'])] + list(new)
    return {'add_bos_token': True, 'add_eos_token': False, 'added_tokens_decoder': {str(e['id']): decoder_entry(e) for e in tokens}, 'bos_token': '<s>', 'eos_token': '</s>', 'unk_token': '<unk>', 'clean_up_tokenization_spaces': False, 'legacy': False, 'tokenizer_class': 'LlamaTokenizer', 'chat_template': ROLES} | more


def make_piece_folders(m):
    path, sp = m.pieces(); n = sp.get_piece_size(); j = llama_json(sp); chat = [added(n, '[PAD]'), added(n + 1, '<|im_start|>'), added(n + 2, '<|im_end|>')]
    m.folder('llama2-model', {'tokenizer.model': path}, llama_config(), chats=True)
    m.folder('llama2-model-legacy', {'tokenizer.model': path}, llama_config(legacy=True, add_eos_token=True), chats=True)
    m.folder('llama2-json-legacy', {'tokenizer.json': j}, llama_config(legacy=True, chat_template=INST), chats=True)
    m.folder('llama2-both', {'tokenizer.json': j, 'tokenizer.model': path}, llama_config(), chats=True)
    m.folder('llama2-no-prefix', {'tokenizer.json': j}, llama_config(add_prefix_space=False), chats=True)
    m.folder('prepend-as-it-is', {'tokenizer.json': j}, llama_config(tokenizer_class='PreTrainedTokenizerFast', chat_template=INST), chats=True)
    m.folder('json-alone', {'tokenizer.json': j})
    for scheme in 'first', 'always', 'never':
        k = json.loads(json.dumps(j)); k['normalizer'] = None; k['pre_tokenizer'] = {'type': 'Metaspace', 'replacement': '▁', 'prepend_scheme': scheme, 'split': m.r.random() < 0.5}
        m.folder('metaspace-' + scheme, {'tokenizer.json': k}, llama_config(tokenizer_class='PreTrainedTokenizerFast'), chats=True)
    k = json.loads(json.dumps(j)); k['added_tokens'] += chat
    m.folder('chatml-added', {'tokenizer.json': k, 'tokenizer.model': path, 'added_tokens.json': {e['content']: e['id'] for e in chat}}, llama_config(chat, eos_token='<|im_end|>', pad_token='[PAD]', additional_special_tokens=['<|im_start|>', '<|im_end|>'], chat_template=CHATML), chats=True)
    shuffled = list(chat); m.r.shuffle(shuffled)
    m.folder('older-files', {'tokenizer.model': path, 'added_tokens.json': {e['content']: e['id'] for e in shuffled}, 'special_tokens_map.json': {'bos_token': '<s>', 'eos_token': {'content': '<|im_end|>', 'lstrip': False, 'rstrip': False, 'normalized': False, 'single_word': False}, 'unk_token': '<unk>'}},
             {'tokenizer_class': 'LlamaTokenizer', 'bos_token': '<s>', 'eos_token': '</s>', 'unk_token': '<unk>', 'add_bos_token': True, 'chat_template': CHATML}, chats=True)
    strips = [added(n, '<|user|>', rstrip=True), added(n + 1, '<|assistant|>', rstrip=True), added(n + 2, '<|end|>', rstrip=True, lstrip=True), added(n + 3, '<note>', False, lstrip=True), added(n + 4, 'Word', False, normalized=True, single_word=True)]
    k = json.loads(json.dumps(j)); k['added_tokens'] += strips
    m.folder('tokens-that-take-space', {'tokenizer.json': k}, llama_config(strips, chat_template=turns("{{ '<|' + m['role'] + '|>\\n' }}", "m['content'] + '<|end|>'", "{{ '\\n' }}", r"'<|assistant|>\n'")), chats=True, extra=['<note>', ' Word ', 'Words'])
    m.folder('code-llama', {'tokenizer.json': j}, llama_config(tokenizer_class='CodeLlamaTokenizer'), chats=True, spelt=False)  # transformers looks for <FILL_ME> itself
    path, sp = m.pieces(user_defined_symbols=['<sep>', '[X]'])
    m.folder('user-defined-pieces', {'tokenizer.model': path}, llama_config(), extra=['<sep>', '[X]'])
    path, sp = m.pieces(normalization_rule_name='nmt_nfkc')
    m.folder('characters-replaced', {'tokenizer.model': path}, llama_config(tokenizer_class='PreTrainedTokenizerFast'))
    path, sp = m.pieces(model_type='unigram', hard_vocab_limit=False)
    m.folder('unigram-model', {'tokenizer.model': path}, llama_config(tokenizer_class='PreTrainedTokenizerFast'))
    unigram = {'type': 'Unigram', 'unk_id': 0, 'byte_fallback': False, 'vocab': [[sp.id_to_piece(i), sp.get_score(i)] for i in range(sp.get_piece_size())]}
    k = dict(j, model=unigram, normalizer={'type': 'NFKC'}, pre_tokenizer={'type': 'Metaspace', 'replacement': '▁', 'prepend_scheme': 'always', 'split': True}, decoder={'type': 'Metaspace', 'replacement': '▁', 'prepend_scheme': 'always', 'split': True})
    m.folder('unigram-json', {'tokenizer.json': k}, llama_config(tokenizer_class='PreTrainedTokenizerFast', clean_up_tokenization_spaces=True), chats=True, spelt=False)  # there </s> in a text is the piece </s>
    gemma = json.loads(json.dumps(j)); vocab = {('<bos>' if t == '<s>' else '<eos>' if t == '</s>' else t): i for t, i in gemma['model']['vocab'].items()}; gemma['model']['vocab'] = vocab
    m.folder('gemma', {'tokenizer.json': gemma}, {'tokenizer_class': 'GemmaTokenizer', 'bos_token': '<bos>', 'eos_token': '<eos>', 'unk_token': '<unk>', 'pad_token': '<eos>', 'mask_token': '<eos>', 'chat_template': ROLES, 'added_tokens_decoder': {str(i): decoder_entry(added(i, t)) for i, t in enumerate(['<unk>', '<bos>', '<eos>'])}}, chats=True)


def make_byte_folders(m):
    t = m.bytes(); n = t.get_vocab_size(); names = ['<|begin_of_text|>', '<|end_of_text|>', '<|im_start|>', '<|im_end|>']
    t.add_special_tokens([AddedToken(x, special=True, normalized=False) for x in names])
    t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(single='<|begin_of_text|> $A', pair='<|begin_of_text|> $A <|begin_of_text|> $B', special_tokens=[('<|begin_of_text|>', n)])])
    fast = {'tokenizer_class': 'PreTrainedTokenizerFast', 'bos_token': names[0], 'eos_token': names[1], 'clean_up_tokenization_spaces': True, 'chat_template': '{{ bos_token }}' + CHATML}
    j = json.loads(t.to_str()); m.folder('llama3', {'tokenizer.json': j}, fast, chats=True)
    extra = ['<think>', '</think>', '<｜User｜>', '<｜Assistant｜>', 'été']; mixed = [(x, False) for x in extra] + [(x, True) for x in names]; m.r.shuffle(mixed)
    k = dict(j, added_tokens=[added(n + i, x, s) for i, (x, s) in enumerate(mixed)])
    k['post_processor'] = dict(j['post_processor'], processors=[j['post_processor']['processors'][0], json.loads(json.dumps(j['post_processor']['processors'][1]).replace('[%d]' % n, '[%d]' % next(e['id'] for e in k['added_tokens'] if e['content'] == names[0])))])
    m.folder('mixed-added-tokens', {'tokenizer.json': k}, fast | {'chat_template': '{{ bos_token }}' + turns("{{ '<｜Assistant｜>' if m['role'] == 'assistant' else '<｜User｜>' }}", "m['content']", '', "'<｜Assistant｜>'", "m['content'] + eos_token")}, chats=True, extra=extra)
    k = dict(j, added_tokens=[added(n + 3 * i, x, s) for i, (x, s) in enumerate(mixed)], post_processor=None)
    m.folder('gaps-in-ids', {'tokenizer.json': k}, fast | {'pad_token': '<pad>'}, chats=True, extra=extra)
    ranks = json.loads(t.to_str())['model']['vocab']; letters = {c: b for b, c in bytes_to_unicode().items()}
    lines = b''.join(base64.b64encode(bytes(letters[c] for c in token)) + b' %d\n' % i for token, i in sorted(ranks.items(), key=lambda e: e[1]))
    m.folder('tiktoken', {'tokenizer.model': lines}, fast | {'add_bos_token': True, 'added_tokens_decoder': {str(n + i): decoder_entry(added(n + i, x)) for i, x in enumerate(names)}}, chats=True)
    for name, cls, regex in ('gpt2', 'GPT2Tokenizer', None), ('qwen2', 'Qwen2Tokenizer', LLAMA3.replace('{1,3}', '')), ('gpt-neox', 'GPTNeoXTokenizer', None), ('falcon3', 'PreTrainedTokenizerFast', None), ('yi-like', 'PreTrainedTokenizerFast', LLAMA3):
        t = m.bytes(regex); n = t.get_vocab_size(); t.add_special_tokens([AddedToken(x, special=True, normalized=False) for x in ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|padding|>']])
        if name == 'gpt2': t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), t.pre_tokenizer])
        if name == 'yi-like': t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace('``', '"')])
        config = {'tokenizer_class': cls, 'eos_token': '<|im_end|>', 'pad_token': '<|padding|>', 'chat_template': CHATML} | ({} if name in ('falcon3', 'qwen2') else {'bos_token': '<|endoftext|>', 'unk_token': '<|endoftext|>'})
        m.folder(name, {'tokenizer.json': json.loads(t.to_str())}, config, chats=True)


def bytes_to_unicode():
    plain = [*range(33, 127), *range(0xA1, 0xAD), *range(0xAE, 0x100)]; rest = [b for b in range(256) if b not in plain]
    return {b: chr(b) for b in plain} | {b: chr(256 + i) for i, b in enumerate(rest)}


def jobs_of(m, count):
    from transformers import AutoTokenizer
    jobs, right = [], []
    for path, more in m.folders:
        try: tok = AutoTokenizer.from_pretrained(path)
        except Exception as e: print('none  %-24s transformers cannot load it: %s' % (path.name, str(e)[:99])); continue
        vocabulary = sorted(set(tok.get_vocab().values())); special = sorted({i for i, t in tok.added_tokens_decoder.items() if t.special})
        def text():
            x = m.text(); return x if not more.get('extra') or m.r.random() < 0.5 else x + m.r.choice(more['extra']) + m.text()
        texts = [text() for _ in range(count)] + ['', ' ', '  ', 'a', ' a', '  a', 'a ', '\n', ' \n a', 'a  b   c ']
        spelt = [m.text() + m.r.choice([tok.added_tokens_decoder[i].content for i in special]) + m.text() for _ in range(count // 5)] if special and more.get('spelt', True) else []
        chats = [[{'role': ['user', 'assistant'][i % 2], 'content': text() or 'x'} for i in range(2 * m.r.randrange(3) + 1)] for _ in range(count // 5 if more.get('chats') else 0)]
        trained = [c + [{'role': 'assistant', 'content': text() or 'x'}] for c in chats]
        ids = [[m.r.choice(vocabulary) if m.r.random() < 0.9 else max(vocabulary) + m.r.randrange(1, 99) for _ in range(m.r.randrange(1, 9))] for _ in range(count // 3)] + [tok(x, add_special_tokens=False)['input_ids'] for x in texts[:count // 3]]
        jobs.append({'folder': str(path), 'texts': texts + spelt, 'chats': chats, 'trained': trained, 'ids': ids})
        want = [tok(x)['input_ids'] for x in texts]
        want += [tok(x, split_special_tokens=True)['input_ids'] for x in spelt]; tok.split_special_tokens = tok._tokenizer.encode_special_tokens = False
        right.append({'texts': want, 'chats': [tok.apply_chat_template(c, add_generation_prompt=True, return_dict=False) for c in chats], 'trained': [trained_ids(tok, c) for c in trained], 'decoded': [tok.decode(i, skip_special_tokens=True) for i in ids]})
    return jobs, right


def trained_ids(tok, chat):
    """The ids of a whole chat and its assistant mask, but for a token before an answer that takes the answer's first white space: that is not learnt."""
    d = tok.apply_chat_template(chat, return_dict=True, return_assistant_tokens_mask=True); role = tok.get_added_vocab().get('<|assistant|>')
    return [d['input_ids'], [m if i != role else 0 for i, m in zip(d['input_ids'], d['assistant_masks'])]]


def ask_dmt(jobs, work):
    (work / 'jobs.json').write_text(json.dumps(jobs)); classpath = (ROOT / 'cli/target/classpath.txt').read_text().strip()
    java = os.path.join(os.environ['JAVA_HOME'], 'bin', 'java') if 'JAVA_HOME' in os.environ else 'java'
    r = subprocess.run([java, '-cp', classpath, str(ROOT / 'scripts/TokenIds.java'), str(work / 'jobs.json')], capture_output=True, encoding='utf-8')
    if r.returncode: sys.exit('TokenIds failed: ' + r.stderr[-2000:])
    return [json.loads(line) for line in r.stdout.split('\n') if line]  # texts may hold other ends of lines


def write_cases(jobs, right, target, work):
    shutil.rmtree(target, ignore_errors=True); target.mkdir(parents=True)
    for job, want in zip(jobs, right):
        folder = pathlib.Path(job['folder']); shutil.copytree(folder, target / folder.name)
        rows = lambda inputs, outputs: '[' + ',\n  '.join(json.dumps(pair) for pair in zip(inputs, outputs)) + ']'
        parts = ['"texts": ' + rows(job['texts'], want['texts']), '"chats": ' + rows(job['chats'], want['chats']), '"decoded": ' + rows(want['decoded'], job['ids'])]
        (target / folder.name / 'expected.json').write_text('{' + ',\n '.join(parts) + '}\n')
    shutil.rmtree(work)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--seed', type=int, default=1); p.add_argument('--texts', type=int, default=100, help='of each folder'); p.add_argument('--keep', help='a folder for the folders that are made'); p.add_argument('--cases', help='write test data here')
    a = p.parse_args(); work = pathlib.Path(a.keep or tempfile.mkdtemp(prefix='compare-tokenizers-')); work.mkdir(exist_ok=True); bad = 0
    m = Maker(a.seed, work); make_piece_folders(m); make_byte_folders(m); jobs, right = jobs_of(m, a.texts)
    if a.cases: return write_cases(jobs, right, pathlib.Path(a.cases), work)
    answers = ask_dmt(jobs, work)
    for job, want, got in zip(jobs, right, answers):
        name = pathlib.Path(job['folder']).name; first = got.get('error', '')
        equal = {k: sum(x == y for x, y in zip(want[k], got.get(k, []))) for k in want}
        for k, inputs in ('texts', job['texts']), ('chats', job['chats']), ('trained', job['trained']), ('decoded', job['ids']):
            for x, y, z in zip(inputs, want[k], got.get(k, [])):
                if y != z and not first: first = '%s %r: dmt %r, transformers %r' % (k, x, z, y)
        same = all(equal[k] == len(want[k]) for k in want); bad += not same
        print('%-5s %-24s %s %s' % ('equal' if same else 'DIFF', name, ', '.join('%d of %d %s' % (equal[k], len(want[k]), k) for k in want if want[k]), first), flush=True)
    print('%d of %d folders differ, seed %d' % (bad, len(jobs), a.seed))
    if not a.keep: shutil.rmtree(work)
    sys.exit(1 if bad else 0)


if __name__ == '__main__': main()
