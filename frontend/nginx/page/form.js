// The form for a new site: written into the page when somebody may want it.

export const FORM = `<form id="site" novalidate>
<div class="fields">
<p><label for="site-domain">Domain, without www</label><input id="site-domain" type="text" autocapitalize="none" autocomplete="off" spellcheck="false" placeholder="example.com"></p>
<p><label for="site-more_names">Further names</label><input id="site-more_names" type="text" autocapitalize="none" autocomplete="off" spellcheck="false" placeholder="shop.example.com"></p>
<p><label for="site-canonical">www</label><select id="site-canonical"><option value="apex">redirects to the bare name</option><option value="www">is where the bare name redirects</option><option value="both">is served as well</option><option value="single">does not exist</option></select></p>
<p><label for="site-app">The application listens on</label><input id="site-app" type="text" autocapitalize="none" autocomplete="off" spellcheck="false" value="127.0.0.1:8000"></p>
<p class="tick"><input id="site-tls" type="checkbox" checked> <label for="site-tls">HTTPS, with certificates from certbot</label></p>
<p><label for="site-lineage">Certificate name, if not the domain</label><input id="site-lineage" type="text" autocapitalize="none" autocomplete="off" spellcheck="false"></p>
<p><label for="site-static_files">Folder of /static/</label><input id="site-static_files" type="text" autocapitalize="none" autocomplete="off" spellcheck="false" placeholder="/srv/app/static"></p>
<p><label for="site-uploads">Folder of /uploads/</label><input id="site-uploads" type="text" autocapitalize="none" autocomplete="off" spellcheck="false" placeholder="/srv/app/uploads"></p>
<p><label for="site-largest_request">Largest request, MB</label><input id="site-largest_request" type="text" inputmode="numeric" autocomplete="off" value="10"></p>
<p class="tick"><input id="site-ipv6" type="checkbox" checked> <label for="site-ipv6">IPv6 too</label></p>
<p class="tick"><input id="site-http2" type="checkbox" checked> <label for="site-http2">HTTP/2</label></p>
<p><label for="site-acme">Folder for certificate challenges</label><input id="site-acme" type="text" autocapitalize="none" autocomplete="off" spellcheck="false" value="/var/www/letsencrypt"></p>
<p class="tick"><input id="site-hsts" type="checkbox"> <label for="site-hsts">HSTS: browsers will insist on HTTPS and not forget it</label></p>
</div>
<p class="tools"><button class="again">Write it</button></p>
</form>
<div id="written" aria-live="polite"></div>`;
