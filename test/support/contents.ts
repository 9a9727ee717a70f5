import type { ContentCase } from './contentCase';
import { INTERACTIVE } from './interactiveContents';
import { TEMPLATES } from './templateContents';

const FREE_FORM: readonly ContentCase[] = [
  {
    name: 'text',
    content: { type: 'text', body: 'See https://example.com', previewUrl: true },
    wire: { body: 'See https://example.com', preview_url: true },
  },
  {
    name: 'image',
    content: { type: 'image', link: 'https://example.com/a.png', caption: 'A' },
    wire: { link: 'https://example.com/a.png', caption: 'A' },
  },
  {
    name: 'video',
    content: { type: 'video', link: 'https://example.com/a.mp4', caption: 'A' },
    wire: { link: 'https://example.com/a.mp4', caption: 'A' },
  },
  {
    name: 'voice message',
    content: { type: 'audio', link: 'https://example.com/a.ogg', voice: true },
    wire: { link: 'https://example.com/a.ogg', voice: true },
  },
  {
    name: 'document',
    content: {
      type: 'document',
      link: 'https://example.com/a.pdf',
      caption: 'A',
      filename: 'a.pdf',
    },
    wire: { link: 'https://example.com/a.pdf', caption: 'A', filename: 'a.pdf' },
  },
  {
    name: 'sticker',
    content: { type: 'sticker', link: 'https://example.com/a.webp' },
    wire: { link: 'https://example.com/a.webp' },
  },
  {
    name: 'location',
    content: { type: 'location', latitude: -1.5, longitude: 36.8, name: 'Shop', address: 'Road 1' },
    wire: { latitude: -1.5, longitude: 36.8, name: 'Shop', address: 'Road 1' },
  },
  {
    name: 'contacts',
    content: {
      type: 'contacts',
      contacts: [
        {
          name: {
            formattedName: 'Dr Ann B. Lee Jr',
            firstName: 'Ann',
            middleName: 'B.',
            lastName: 'Lee',
            prefix: 'Dr',
            suffix: 'Jr',
          },
          phones: [{ phone: '+14155550101', type: 'WORK', waId: '14155550101' }],
          emails: [{ email: 'ann@example.com', type: 'WORK' }],
          urls: [{ url: 'https://example.com', type: 'WORK' }],
          addresses: [
            {
              street: 'Road 1',
              city: 'Town',
              state: 'CA',
              zip: '94000',
              country: 'United States',
              countryCode: 'us',
              type: 'HOME',
            },
          ],
          org: { company: 'Shop', department: 'Sales', title: 'Head' },
          birthday: '1990-02-28',
        },
      ],
    },
    wire: [
      {
        name: {
          formatted_name: 'Dr Ann B. Lee Jr',
          first_name: 'Ann',
          middle_name: 'B.',
          last_name: 'Lee',
          prefix: 'Dr',
          suffix: 'Jr',
        },
        phones: [{ phone: '+14155550101', type: 'WORK', wa_id: '14155550101' }],
        emails: [{ email: 'ann@example.com', type: 'WORK' }],
        urls: [{ url: 'https://example.com', type: 'WORK' }],
        addresses: [
          {
            street: 'Road 1',
            city: 'Town',
            state: 'CA',
            zip: '94000',
            country: 'United States',
            country_code: 'us',
            type: 'HOME',
          },
        ],
        org: { company: 'Shop', department: 'Sales', title: 'Head' },
        birthday: '1990-02-28',
      },
    ],
  },
  {
    name: 'reaction',
    content: { type: 'reaction', wamid: 'wamid.A', emoji: '👍' },
    wire: { message_id: 'wamid.A', emoji: '👍' },
  },
  {
    name: 'reaction taken back',
    content: { type: 'reaction', wamid: 'wamid.A', emoji: '' },
    wire: { message_id: 'wamid.A', emoji: '' },
  },
];

export const CONTENTS: readonly ContentCase[] = [...FREE_FORM, ...INTERACTIVE, ...TEMPLATES];
