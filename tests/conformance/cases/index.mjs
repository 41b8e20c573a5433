// index.mjs - all cases, in the order of their topics.

import handshake from './0_handshake.mjs';
import framing from './1_framing.mjs';
import pings from './2_pings.mjs';
import reservedBits from './3_reserved_bits.mjs';
import opcodes from './4_opcodes.mjs';
import fragmentation from './5_fragmentation.mjs';
import utf8 from './6_utf8.mjs';
import closing from './7_close.mjs';
import limits from './9_limits.mjs';
import misc from './10_misc.mjs';
import compression from './12_compression.mjs';

export const topics = {
    'handshake': handshake,
    'framing': framing,
    'pings and pongs': pings,
    'reserved bits': reservedBits,
    'opcodes': opcodes,
    'fragmentation': fragmentation,
    'UTF-8': utf8,
    'close': closing,
    'limits': limits,
    'misc': misc,
    'compression': compression,
};

export const cases = Object.values(topics).flat();
