// A configuration as one meets it: a missing semicolon, a redirect in a circle, an application that is told nothing.

export const EXAMPLE = `# /etc/nginx/sites-available/shop
server {
    listen 80;
    listen 443 ssl http2
    server_name shop.example.com www.shop.example.com;

    ssl_certificate     /etc/letsencrypt/live/shop.example.com/cert.pem;
    ssl_certificate_key /etc/letsencrypt/live/shop.example.com/privkey.pem;
    ssl_protocols TLSv1 TLSv1.2;

    return 301 https://$host$request_uri;

    location /static/ {
        alias /srv/shop/static;
    }

    location / {
        proxy_pass http://127.0.0.1:8000;
        proxy_set_header Host $host;
        proxy_redirects off;
    }
}
`;
